//! Data sets in memory, sources, prefetching, normalisation.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use shapewright::augment::{Augment, Augmented, HorizontalFlip, Mixup, RandomCrop};
use shapewright::data::{Normalisation, Normalised, Part, Source, digits, prefetch};
use shapewright::prelude::*;
use shapewright::{Error, Loss};

type Data = Dataset<Vector<1>, 3>;

/// Samples numbered from 0, with these labels.
fn numbered(labels: &[usize]) -> Data {
    Dataset::new(Batch::from_fn(labels.len(), |sample, _| sample as f32), Labels::new(labels).unwrap()).unwrap()
}

fn numbers(data: &Data) -> Vec<f32> {
    data.inputs().as_slice().to_vec()
}

/// How many of each class.
fn counts(data: &Data) -> [usize; 3] {
    core::array::from_fn(|class| data.labels().as_slice().iter().filter(|&&label| label == class).count())
}

#[test]
fn a_split_is_never_short() {
    let data = numbered(&[0, 1, 2, 0]);
    for split in [Data::split, Data::split_stratified] {
        assert_eq!(split(&data, 4, 1).unwrap().1.len(), 0);
        assert_eq!(split(&data, 0, 1).unwrap().0.len(), 0);
        let error = split(&data, 5, 1).unwrap_err();
        assert!(matches!(error, Error::Split { first: 5, samples: 4 }));
        assert_eq!(error.to_string(), "the first part of a split must be at most 4 samples, but is 5");
        assert!(split(&numbered(&[]), 0, 1).is_ok());
    }
}

#[test]
fn shuffling_is_by_seed() {
    let data = numbered(&[0; 50]);
    assert_eq!(data.shuffled(1), data.shuffled(1));
    assert_ne!(data.shuffled(1), data.shuffled(2));
    let mut all = numbers(&data.shuffled(1));
    assert_ne!(all, numbers(&data));
    all.sort_by(f32::total_cmp);
    assert_eq!(all, numbers(&data));
}

#[test]
fn class_names_stay_with_the_samples() {
    let data = numbered(&[0, 1, 2]);
    assert_eq!(data.class_names(), None);
    let named = data.with_class_names(["cat", "dog", "owl"]);
    let (first, rest) = named.split(1, 0).unwrap();
    for data in [&named, &first, &rest, &named.shuffled(1)] {
        assert_eq!(data.class_names().unwrap(), &["cat", "dog", "owl"]);
    }
    assert_eq!(named.cast::<f64>().cast(), named);
}

/// Numbers that are counted as they are asked for, an error at one of them.
struct Counting {
    batches: AtomicUsize,
    fails_at: usize,
}

impl Source<Vector<1>> for Counting {
    type Targets = Vec<usize>;

    fn len(&self) -> usize {
        100
    }

    fn batch(&self, _epoch: u64, indices: &[usize]) -> Result<(Batch<Vector<1>>, Vec<usize>), Error> {
        self.batches.fetch_add(1, Ordering::SeqCst);
        if indices.contains(&self.fails_at) {
            return Err(Error::Format { reason: "as arranged".to_owned() });
        }
        Ok((Batch::from_fn(indices.len(), |sample, _| indices[sample] as f32), indices.to_vec()))
    }
}

fn counting(fails_at: usize) -> (Counting, Vec<usize>) {
    (Counting { batches: AtomicUsize::new(0), fails_at }, (0..100).rev().collect())
}

#[test]
fn batches_come_in_order_whatever_waits() {
    for ahead in [0, 1, 3, 1_000] {
        let (source, order) = counting(usize::MAX);
        let seen: Vec<usize> =
            prefetch(&source, 0, &order, 7, ahead, |batches| batches.flat_map(|batch| batch.unwrap().1).collect());
        assert_eq!(seen, order);
        assert_eq!(source.batches.into_inner(), 15);
    }
}

#[test]
fn no_more_is_read_ahead_than_was_asked_for() {
    let (source, order) = counting(usize::MAX);
    prefetch(&source, 0, &order, 1, 3, |batches| {
        assert!(batches.next().is_some());
        let deadline = Instant::now() + Duration::from_secs(20);
        while source.batches.load(Ordering::SeqCst) < 5 && Instant::now() < deadline {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(50));
        // One taken, three waiting, one in hand.
        assert_eq!(source.batches.load(Ordering::SeqCst), 5);
    });
    // The rest was left; the thread has ended, and read no further.
    assert_eq!(source.batches.into_inner(), 5);
}

#[test]
fn an_error_ends_the_pass() {
    let (source, order) = counting(90);
    for ahead in [0, 2] {
        let results: Vec<bool> =
            prefetch(&source, 0, &order, 4, ahead, |batches| batches.map(|batch| batch.is_ok()).collect());
        assert_eq!(results, [true, true, false]);
    }
    assert_eq!(source.batches.into_inner(), 6);
}

#[test]
fn a_pass_that_is_not_begun_ends_too() {
    let (source, order) = counting(usize::MAX);
    prefetch(&source, 0, &order, 10, 2, |_| ());
    assert!(source.batches.into_inner() <= 3);

    let (source, order) = counting(usize::MAX);
    prefetch(&source, 0, &order, 10, 0, |_| ());
    assert_eq!(source.batches.into_inner(), 0);
}

#[test]
fn means_and_deviations_are_exact() {
    // Channels of 1, 3, 5, 7 and of 2 everywhere.
    let inputs = Batch::<Image<2, 1, 2>>::from([[[[1.0, 3.0]], [[2.0, 2.0]]], [[[5.0, 7.0]], [[2.0, 2.0]]]]);
    let data = Dataset::<_, 1>::new(inputs, Labels::new(&[0, 0]).unwrap()).unwrap();
    let normalisation = Normalisation::of(&data).unwrap();
    assert_eq!(normalisation.mean(), [4.0, 2.0]);
    assert_eq!(normalisation.deviation(), [5_f64.sqrt(), 1.0]);
    let normalised = data.normalised(&normalisation);
    let expected = [-3.0, -1.0, 0.0, 0.0, 1.0, 3.0, 0.0, 0.0].map(|value| value / 5_f32.sqrt());
    let pairs = normalised.inputs().as_slice().iter().zip(expected);
    assert!(pairs.into_iter().all(|(value, expected)| (value - expected).abs() < 1e-6));

    let mut tensor = Tensor::<Image<2, 1, 2>>::from([[[4.0, 4.0]], [[2.0, 3.0]]]);
    normalisation.apply_to_tensor(&mut tensor);
    assert_eq!(tensor.as_slice(), [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(Normalisation::new(normalisation.mean(), normalisation.deviation()).unwrap(), normalisation);
}

#[test]
fn features_are_normalised_each() {
    let inputs = Batch::from([[1.0, 10.0], [3.0, 30.0]]);
    let data = Dataset::<_, 1>::new(inputs, Labels::new(&[0, 0]).unwrap()).unwrap();
    let normalisation = Normalisation::of(&data).unwrap();
    assert_eq!((normalisation.mean(), normalisation.deviation()), (&[2.0, 20.0][..], &[1.0, 10.0][..]));
}

/// Equal values have no deviation, whatever rounding makes of their mean.
#[test]
fn a_constant_channel_is_not_blown_up() {
    for constant in [0.1, -1e-6, 1e6 / 7.0, 1.0 / 3.0] {
        let inputs = Batch::from_fn(1_001, |sample, index| if index < 3 { constant } else { sample as f64 });
        let data = Dataset::<Image<2, 1, 3>, 1, f64>::new(inputs, Labels::new(&[0; 1_001]).unwrap()).unwrap();
        let normalisation = Normalisation::of(&data).unwrap();
        assert_eq!(normalisation.deviation()[0], 1.0, "{constant}");
        assert!((normalisation.deviation()[1] - 288.963_6).abs() < 1e-3);
    }
    // what is small but there stays
    let inputs = Batch::<Vector<1>>::from([[1e-9], [3e-9]]);
    let data = Dataset::<_, 1>::new(inputs, Labels::new(&[0, 0]).unwrap()).unwrap();
    assert!((Normalisation::of(&data).unwrap().deviation()[0] - 1e-9).abs() < 1e-14);
}

#[test]
fn a_part_is_the_samples_of_its_numbers() {
    let data = numbered(&[0, 1, 2, 0, 1]).with_class_names(["cat", "dog", "owl"]);
    let part = Part::new(&data, vec![4, 2, 2]);
    assert_eq!(Dataset::load(&part).unwrap(), data.select(&[4, 2, 2]));
    assert_eq!(part.batch(3, &[1, 0]).unwrap().0.as_slice(), [2.0, 4.0]);
    let (first, rest) = Part::split(&data, 2, 7).unwrap();
    let expected = data.split(2, 7).unwrap();
    assert_eq!((Dataset::load(&first).unwrap(), Dataset::load(&rest).unwrap()), expected);
    assert!(matches!(Part::split(&data, 6, 7), Err(Error::Split { first: 6, samples: 5 })));
}

#[test]
#[should_panic(expected = "the source has 2 samples, numbered from 0")]
fn a_part_has_no_samples_that_do_not_exist() {
    let _ = Part::new(&numbered(&[0, 1]), vec![1, 2]);
}

#[test]
fn a_source_is_normalised_as_its_samples_are_taken() {
    let data = numbered(&[0, 1, 2, 0]);
    let normalisation = Normalisation::of(&data).unwrap();
    let normalised = Normalised::new(&data, &normalisation);
    assert_eq!(Dataset::load(&normalised).unwrap(), data.clone().normalised(&normalisation));
    assert_eq!(Normalisation::of(&normalised).unwrap().mean(), [0.0]);
}

#[test]
fn normalisations_are_checked() {
    let refused =
        |mean: &[f64], deviation: &[f64]| Normalisation::<Vector<1>>::new(mean, deviation).unwrap_err().to_string();
    assert_eq!(refused(&[0.0; 2], &[1.0]), "the number of values must be 1, but is 2");
    assert_eq!(refused(&[0.0], &[]), "the number of values must be 1, but is 0");
    assert_eq!(refused(&[f64::NAN], &[1.0]), "mean is NaN, but must be a finite number");
    assert_eq!(refused(&[0.0], &[0.0]), "deviation is 0, but must be a finite number above 0");
    assert!(matches!(Normalisation::of(&numbered(&[])), Err(Error::EmptyBatch)));
    let infinite = Dataset::<_, 1>::new(Batch::from([[f32::INFINITY]]), Labels::new(&[0]).unwrap()).unwrap();
    assert!(matches!(Normalisation::of(&infinite), Err(Error::Setting { .. })));
}

proptest! {
    #[test]
    fn a_stratified_split_keeps_shares(labels in prop::collection::vec(0..3_usize, 1..60), part in 0.0..=1.0, seed: u64) {
        let data = numbered(&labels);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a part of the length
        let first = (part * labels.len() as f64) as usize;
        let (train, test) = data.split_stratified(first, seed).unwrap();
        prop_assert_eq!(train.len(), first);
        let mut all = [numbers(&train), numbers(&test)].concat();
        all.sort_by(f32::total_cmp);
        prop_assert_eq!(all, numbers(&data));
        for (all, train) in counts(&data).into_iter().zip(counts(&train)) {
            let share = (all * first) as f64 / labels.len() as f64;
            prop_assert!((train as f64 - share).abs() < 1.0, "{} of {}, not {}", train, all, share);
        }
        prop_assert_eq!(data.split_stratified(first, seed).unwrap(), (train, test));
    }

    #[test]
    fn measuring_in_pieces_is_measuring_at_once(values in prop::collection::vec(-1e3..1e3_f64, 1..700)) {
        let inputs = Batch::<Vector<1>, f64>::from_vec(values.len(), values.clone()).unwrap();
        let data = Dataset::<_, 1, f64>::new(inputs, Labels::new(&vec![0; values.len()]).unwrap()).unwrap();
        let normalisation = Normalisation::of(&data).unwrap();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        prop_assert!((normalisation.mean()[0] - mean).abs() < 1e-9);
        if values.len() > 1 {
            prop_assert!((normalisation.deviation()[0] - variance.sqrt()).abs() < 1e-9);
        }
    }
}

net! { Small: Image<1, 8, 8> => Vector<10> = conv(1=>4, k3) >> relu >> pool2 >> flatten >> dense(10) }

/// The parameters after two epochs on some digits.
fn trained<T>(source: &impl Source<Image<1, 8, 8>, Targets = T>, ahead: usize, accumulate: usize) -> Vec<f32>
where
    T: Send + Sync,
    CrossEntropy: Loss<Vector<10>, T>,
{
    let (_, held_out) = digits();
    let mut model = Model::new(Small, 1);
    let trainer = Trainer::new(Sgd::new(0.1)).epochs(2).batch_size(24).accumulate(accumulate).prefetch(ahead).seed(3);
    trainer.fit(&mut model, source, &held_out).unwrap();
    model.parameters().to_vec()
}

#[test]
fn reading_ahead_changes_no_bit_of_a_training() {
    let (some, _) = digits().0.split(100, 1).unwrap();
    let pictures = Augmented::new(&some, RandomCrop::padded(1).then(HorizontalFlip), 7);
    let mixed = Mixup::alpha(0.4).of(&pictures, 8);
    for accumulate in [1, 3] {
        assert_eq!(trained(&some, 0, accumulate), trained(&some, 2, accumulate));
        assert_eq!(trained(&pictures, 0, accumulate), trained(&pictures, 2, accumulate));
        assert_eq!(trained(&mixed, 0, accumulate), trained(&mixed, 2, accumulate));
    }
    assert_ne!(trained(&some, 0, 1), trained(&pictures, 0, 1));
    assert_ne!(trained(&mixed, 0, 1), trained(&pictures, 0, 1));
}

#[test]
fn a_source_that_fails_ends_the_training() {
    struct Failing;

    impl Source<Image<1, 8, 8>> for Failing {
        type Targets = Labels<10>;

        fn len(&self) -> usize {
            100
        }

        fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<Image<1, 8, 8>>, Labels<10>), Error> {
            if epoch == 2 {
                return Err(Error::Format { reason: "as arranged".to_owned() });
            }
            Ok((Batch::zeros(indices.len()), Labels::new(&vec![0; indices.len()])?))
        }
    }

    for ahead in [0, 2] {
        let mut model = Model::new(Small, 1);
        let trainer = Trainer::new(Sgd::new(0.1)).epochs(3).prefetch(ahead);
        let error = trainer.fit(&mut model, &Failing, &digits().1).unwrap_err();
        assert_eq!(error.to_string(), "step 1 of epoch 2: malformed file: as arranged");
    }
}
