//! Random changes of pictures: what they do, and that they repeat.

use proptest::prelude::*;
use shapewright::augment::{
    Augment, Augmented, Chance, Cutout, HorizontalFlip, Mixup, Picture, RandomCrop, RandomRotation, RandomShift,
};
use shapewright::data::Source;
use shapewright::prelude::*;
use shapewright::{Error, SoftLabels};

type Small = Image<2, 3, 4>;

/// 1, 2, 3, …: every pixel of its own.
fn counted<S: Picture>() -> Vec<f64> {
    (1..=S::LEN).map(|number| number as f64).collect()
}

/// One picture changed as by sample `sample` of epoch 0.
fn changed<S: Picture>(augment: &impl Augment, seed: u64, sample: usize) -> Vec<f64> {
    let mut values = counted::<S>();
    let mut scratch = vec![f64::NAN; S::LEN];
    augment.apply::<S, f64>(&mut Chance::new(seed, 0, sample), &mut values, &mut scratch);
    values
}

/// The value of a counted picture, and 0 outside of it.
fn pixel<S: Picture>(channel: usize, row: isize, column: isize) -> f64 {
    match (usize::try_from(row), usize::try_from(column)) {
        (Ok(row), Ok(column)) if row < S::ROWS && column < S::COLUMNS => {
            ((channel * S::ROWS + row) * S::COLUMNS + column + 1) as f64
        }
        _ => 0.0,
    }
}

/// The counted picture moved down and to the right.
fn moved<S: Picture>(down: isize, right: isize) -> Vec<f64> {
    let size = |size: usize| 0..isize::try_from(size).unwrap();
    let places = (0..S::CHANNELS).flat_map(|channel| {
        size(S::ROWS).flat_map(move |row| size(S::COLUMNS).map(move |column| (channel, row, column)))
    });
    places.map(|(channel, row, column)| pixel::<S>(channel, row - down, column - right)).collect()
}

#[test]
fn half_of_the_pictures_are_mirrored() {
    let plain = counted::<Small>();
    let mirrored: Vec<f64> = plain.chunks(4).flat_map(|row| row.iter().rev().copied()).collect();
    let flips = (0..1000)
        .filter(|&sample| {
            let picture = changed::<Small>(&HorizontalFlip, 1, sample);
            assert!(picture == plain || picture == mirrored);
            picture == mirrored
        })
        .count();
    assert!((450..550).contains(&flips), "{flips}");
}

#[test]
fn a_crop_is_a_shift_and_every_one_happens() {
    let shifts: Vec<_> = (-2..=2).flat_map(|down| (-2..=2).map(move |right| moved::<Small>(down, right))).collect();
    let mut seen = [0; 25];
    for sample in 0..2_500 {
        let picture = changed::<Small>(&RandomCrop::padded(2), 3, sample);
        seen[shifts.iter().position(|shift| *shift == picture).expect("a shift by at most 2")] += 1;
    }
    assert!(seen.iter().all(|times| (60..140).contains(times)), "{seen:?}");
    // A crop may see nothing but padding.
    assert!((0..100).any(|sample| changed::<Small>(&RandomCrop::padded(4_096), 3, sample) == [0.0; 24]));
}

#[test]
fn a_crop_without_padding_and_changes_of_nothing_are_identities() {
    for sample in 0..20 {
        assert_eq!(changed::<Small>(&RandomCrop::padded(0), 1, sample), counted::<Small>());
        assert_eq!(changed::<Small>(&RandomShift::pixels(0.0), 1, sample), counted::<Small>());
        assert_eq!(changed::<Small>(&RandomRotation::degrees(0.0), 1, sample), counted::<Small>());
        assert_eq!(changed::<Small>(&Cutout::size(0), 1, sample), counted::<Small>());
    }
}

#[test]
fn a_square_is_cut_out_of_all_channels() {
    type Wide = Image<2, 6, 7>;
    let mut areas = [0; 10];
    for sample in 0..1_000 {
        let picture = changed::<Wide>(&Cutout::size(3), 5, sample);
        let hidden: Vec<usize> = (0..42).filter(|&pixel| picture[pixel] == 0.0).collect();
        assert!((0..42).all(|pixel| (picture[42 + pixel] == 0.0) == hidden.contains(&pixel)));
        let (first, last) = (hidden[0], hidden[hidden.len() - 1]);
        let [rows, columns] = [last / 7 - first / 7 + 1, last % 7 - first % 7 + 1];
        assert!(rows <= 3 && columns <= 3 && hidden.len() == rows * columns, "{hidden:?}");
        let kept = (0..84).filter(|&value| picture[value] != 0.0);
        assert!(kept.clone().all(|value| picture[value] == (value + 1) as f64));
        areas[hidden.len()] += 1;
    }
    // The middle is inside: at the edge two of three rows are left.
    assert!(areas[9] > 300 && areas[6] > 100 && areas[4] > 20, "{areas:?}");
    assert_eq!(changed::<Wide>(&Cutout::size(usize::MAX), 5, 0), [0.0; 84]);
}

#[test]
fn a_shift_moves_the_mean_and_keeps_the_mass_inside() {
    type Field = Image<1, 16, 16>;
    let mut farthest: f64 = 0.0;
    for sample in 0..200 {
        let mut values = vec![0.0; 256];
        values[8 * 16 + 7] = 1.0;
        let mut scratch = vec![f64::NAN; 256];
        RandomShift::pixels(2.0).apply::<Field, f64>(&mut Chance::new(1, 0, sample), &mut values, &mut scratch);
        let sum = |weight: &dyn Fn(usize) -> f64| -> f64 { (0..256).map(|index| values[index] * weight(index)).sum() };
        let (mass, down, right) =
            (sum(&|_| 1.0), sum(&|index| (index / 16) as f64) - 8.0, sum(&|index| (index % 16) as f64) - 7.0);
        assert!((mass - 1.0).abs() < 1e-12 && down.abs() <= 2.0 && right.abs() <= 2.0, "{mass} {down} {right}");
        farthest = farthest.max(down.abs());
    }
    assert!(farthest > 1.8);
}

/// Bilinear interpolation gives linear functions back exactly: the turned picture of x and y says by how much it was turned.
#[test]
fn a_rotation_turns_around_the_middle() {
    type Plane = Image<2, 9, 9>;
    let mut largest: f64 = 0.0;
    for sample in 0..200 {
        let mut values: Vec<f64> =
            (0..162).map(|index| f64::from(if index < 81 { index / 9 } else { index % 9 }) - 4.0).collect();
        let mut scratch = vec![f64::NAN; 162];
        RandomRotation::degrees(30.0).apply::<Plane, f64>(&mut Chance::new(2, 0, sample), &mut values, &mut scratch);
        let at = |row: usize, column: usize| (values[row * 9 + column], values[81 + row * 9 + column]);
        assert_eq!(at(4, 4), (0.0, 0.0));
        let (y, x) = at(4, 6); // two to the right of the middle
        let angle = (-y).atan2(x);
        assert!((y.hypot(x) - 2.0).abs() < 1e-12 && angle.abs() <= 30_f64.to_radians());
        let (sin, cos) = angle.sin_cos();
        let (y, x) = at(3, 5); // one up and one to the right
        assert!((y - (-cos - sin)).abs() < 1e-12 && (x - (cos - sin)).abs() < 1e-12, "{y} {x}");
        largest = largest.max(angle.abs());
    }
    assert!(largest > 25_f64.to_radians());
}

/// Everything at once.
fn all() -> impl Augment + Copy {
    RandomCrop::padded(1)
        .then(HorizontalFlip)
        .then(RandomRotation::degrees(10.0))
        .then(RandomShift::pixels(0.5))
        .then(Cutout::size(1))
}

fn data() -> Dataset<Small, 5> {
    let inputs = Batch::from_fn(40, |sample, index| (sample * 24 + index) as f32);
    Dataset::new(inputs, Labels::new(&(0..40).map(|sample| sample % 5).collect::<Vec<_>>()).unwrap()).unwrap()
}

#[test]
fn a_change_depends_on_seed_epoch_and_sample_alone() {
    let data = data();
    let order: Vec<usize> = (0..40).rev().collect();
    let at_once = Augmented::new(&data, all(), 7).batch(2, &order).unwrap();
    for size in [1, 3, 40] {
        let parts = order.chunks(size).map(|part| Augmented::new(&data, all(), 7).batch(2, part).unwrap().0);
        let values: Vec<f32> = parts.flat_map(|batch| batch.as_slice().to_vec()).collect();
        assert_eq!(at_once.0.as_slice(), values);
    }
    assert_eq!(at_once.1, data.labels().select(&order));
    for (seed, epoch) in [(8, 2), (7, 3)] {
        assert_ne!(Augmented::new(&data, all(), seed).batch(epoch, &order).unwrap(), at_once);
    }
    // Two samples of the same values are changed differently.
    let twice = Dataset::<Small, 5>::new(Batch::from_fn(40, |_, index| index as f32), data.labels().clone()).unwrap();
    let changed = Augmented::new(&twice, all(), 7).batch(2, &order).unwrap().0;
    assert!((1..40).any(|sample| changed.sample(sample) != changed.sample(0)));
}

#[test]
fn threads_change_nothing() {
    let data = data();
    let order: Vec<usize> = (0..40).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Augmented::new(&data, all(), 7).batch(2, &order).unwrap())
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(7));
}

#[test]
fn mixup_mixes_first_and_last() {
    let data = data();
    let (batch, labels) = Mixup::alpha(1.0).of(&data, 1).batch(0, &[0, 1, 2]).unwrap();
    let share = labels.as_slice()[0][0];
    assert!(share > 0.0 && share < 1.0);
    assert_eq!(labels.as_slice()[0], [share, 0.0, 1.0 - share, 0.0, 0.0]);
    assert_eq!(labels.as_slice()[1], [0.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(labels.as_slice()[2], [1.0 - share, 0.0, share, 0.0, 0.0]);
    let close = |a: f32, b: f64| (f64::from(a) - b).abs() < 1e-4;
    for index in 0..24 {
        assert!(close(batch.sample(0)[index], 48.0 * (1.0 - share) + index as f64));
        assert!(close(batch.sample(1)[index], 24.0 + index as f64));
        assert!(close(batch.sample(2)[index], 48.0 * share + index as f64));
    }
    assert_eq!(Mixup::alpha(1.0).of(&data, 1).batch(0, &[0, 1, 2]).unwrap(), (batch, labels.clone()));
    assert_ne!(Mixup::alpha(1.0).of(&data, 1).batch(1, &[0, 1, 2]).unwrap().1, labels);
    assert!(Mixup::alpha(1.0).of(&data, 1).batch(0, &[]).unwrap().1.is_empty());
}

#[test]
fn shares_are_of_the_beta_distribution() {
    let data = data();
    let share = |alpha, epoch| Mixup::alpha(alpha).of(&data, 5).batch(epoch, &[0, 1]).unwrap().1.as_slice()[0][0];
    for alpha in [0.2, 1.0, 4.0] {
        let shares: Vec<f64> = (0..2_000).map(|epoch| share(alpha, epoch)).collect();
        let mean = shares.iter().sum::<f64>() / 2e3;
        let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / 2e3;
        let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
        assert!((mean - 0.5).abs() < 0.03 && (variance / expected - 1.0).abs() < 0.1, "{alpha}: {mean} {variance}");
    }
}

/// −Σ tₖ·log softmax(y)ₖ, and with one-hot labels what the labels give.
#[test]
fn soft_labels_of_one_class_are_labels() {
    let labels = Labels::<5>::new(&[4, 0, 2]).unwrap();
    let mut model = Model::new(net!(Image<2, 3, 4> => flatten >> dense(5)), 3).cast::<f64>();
    let x = Batch::from_fn(3, |sample, index| ((sample * 24 + index) as f64).sin());
    for loss in [CrossEntropy::new(), CrossEntropy::new().label_smoothing(0.1)] {
        let hard = model.gradients(&x, &labels, &loss).unwrap();
        let soft = model.gradients(&x, &SoftLabels::from(&labels), &loss).unwrap();
        assert!((hard.0 - soft.0).abs() < 1e-14);
        let pairs = hard.1.as_slice().iter().zip(soft.1.as_slice());
        assert!(pairs.into_iter().all(|(hard, soft)| (hard - soft).abs() < 1e-14));
    }
}

#[test]
fn the_gradient_of_soft_labels_is_that_of_differences() {
    let soft = SoftLabels::new(&[[0.1, 0.2, 0.3, 0.15, 0.25], [0.0, 0.0, 0.5, 0.5, 0.0]]).unwrap();
    let loss = CrossEntropy::new().label_smoothing(0.2).class_weights([1.0, 2.0, 0.5, 1.5, 3.0]);
    let mut model = Model::new(net!(Vector<3> => dense(5)), 3).cast::<f64>();
    let x = Batch::from([[0.3, -1.0, 0.7], [1.2, 0.1, -0.4]]);
    let (_, gradients) = model.gradients(&x, &soft, &loss).unwrap();
    for index in 0..model.parameters().len() {
        let mut at = |step: f64| {
            model.parameters_mut()[index] += step;
            let loss = model.gradients(&x, &soft, &loss).unwrap().0;
            model.parameters_mut()[index] -= step;
            loss
        };
        let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
        assert!((slope - gradients.as_slice()[index]).abs() < 1e-8);
    }
    // PyTorch 2.15: cross_entropy([[2., -1., 0.5]], [[0.2, 0.5, 0.3]], [1., 2., 3.], label_smoothing=0.1)
    let mut dy = [0.0; 3];
    let soft = SoftLabels::new(&[[0.2, 0.5, 0.3]]).unwrap();
    let loss = CrossEntropy::new().label_smoothing(0.1).class_weights([1.0, 2.0, 3.0]);
    let value = shapewright::Loss::<Vector<3>, _>::sample(&loss, &soft, 0, 1.0, &[2.0, -1.0, 0.5], &mut dy);
    assert!((value - 4.769_340_610_013_458).abs() < 1e-12, "{value}");
}

#[test]
fn probabilities_are_checked() {
    let error = |row| SoftLabels::<2>::new(&[[0.5, 0.5], row]).unwrap_err();
    assert_eq!(
        error([1.25, -0.25]).to_string(),
        "the probabilities at position 1 must be at least 0 and add up to 1, but the least is -0.25 and the sum 1"
    );
    assert!(matches!(error([0.5, 0.4]), Error::Probabilities { position: 1, .. }));
    assert!(matches!(error([f64::NAN, 1.0]), Error::Probabilities { position: 1, .. }));
}

proptest! {
    #[test]
    fn a_flip_twice_is_identity(seed: u64, sample in 0..1_000_usize) {
        let mut values = counted::<Small>();
        for _ in 0..2 {
            HorizontalFlip.apply::<Small, f64>(&mut Chance::new(seed, 0, sample), &mut values, &mut []);
        }
        prop_assert_eq!(values, counted::<Small>());
    }

    #[test]
    fn mixed_labels_add_up_to_one(seed: u64, epoch: u64, alpha in 0.01..20.0, count in 1..40_usize) {
        let data = data();
        let order: Vec<usize> = (0..count).collect();
        let (batch, labels) = Mixup::alpha(alpha).of(&data, seed).batch(epoch, &order).unwrap();
        prop_assert_eq!((batch.len(), labels.len()), (count, count));
        prop_assert!(SoftLabels::new(labels.as_slice()).is_ok());
        for row in labels.as_slice() {
            prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn interpolation_stays_within_the_values(seed: u64, degrees in 0.0..180.0, pixels in 0.0..10.0) {
        let augment = RandomRotation::degrees(degrees).then(RandomShift::pixels(pixels));
        for value in changed::<Small>(&augment, seed, 0) {
            prop_assert!((0.0..=24.0 + 1e-9).contains(&value), "{}", value);
        }
    }

    #[test]
    fn chances_are_within_their_ranges(seed: u64, count in 1..10_000_usize) {
        let mut chance = Chance::new(seed, 0, 0);
        prop_assert!(chance.below(count) < count);
        prop_assert!((0.0..1.0).contains(&chance.uniform()));
        prop_assert!((-2.0..3.0).contains(&chance.between(-2.0, 3.0)));
        prop_assert!(!chance.happens(0.0) && chance.happens(1.0));
    }
}
