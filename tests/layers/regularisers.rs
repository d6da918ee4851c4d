//! Dropout, dropout of channels and stochastic depth.

use shapewright::prelude::*;
use shapewright::{ChannelDropout, DropPath, Dropout, Element, Network, Shape};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/regularisers.safetensors"));

fixtures! { FIXTURES.check_training:
    what_is_not_left_to_chance {
        "dropout.never": Image<3, 4, 5> => dropout!(0.0);
        "dropout.always": Image<3, 4, 5> => dropout!(1.0);
        "dropout.behind": Image<2, 4, 5> => conv!(3, k3) >> dropout!(1.0) >> conv!(2, k1);
        "channel_dropout.never": Image<3, 4, 5> => channel_dropout!(0.0);
        "channel_dropout.always": Image<3, 4, 5> => channel_dropout!(1.0);
        "channel_dropout.behind": Image<2, 4, 5> => conv!(3, k3) >> channel_dropout!(1.0) >> conv!(2, k1);
        "channel_dropout.sequence": Sequence<3, 7> => channel_dropout!(0.0);
        "channel_dropout.sequence.always": Sequence<3, 7> => channel_dropout!(1.0);
        "channel_dropout.sequence.behind": Sequence<2, 7> => conv!(3, k3) >> channel_dropout!(1.0) >> conv!(2, k1);
    }
}

type Maps = Image<8, 5, 5>;

/// The mask of one pass of training: its gradient where all of dy is 1.
fn mask<N>(model: &mut Model<N>, samples: usize) -> Vec<f32>
where
    N: Network<Input = Maps, Output = Maps>,
{
    let ones = Batch::from_fn(samples, |_, _| 1.0);
    model.backward(&ones, &ones).input().unwrap().as_slice().to_vec()
}

fn share_of<E: Element>(values: &[E], is_so: impl Fn(E) -> bool) -> f64 {
    values.iter().filter(|&&value| is_so(value)).count() as f64 / values.len() as f64
}

fn share_of_zeros(mask: &[f32]) -> f64 {
    share_of(mask, |value| value == 0.0)
}

#[test]
fn each_drops_its_share_and_scales_the_rest() {
    for p in [0.1, 0.5, 0.8] {
        let masks = [
            (1, mask(&mut Model::new(net!(Maps => {Dropout::new(p)}), 1), 500)),
            (25, mask(&mut Model::new(net!(Maps => {ChannelDropout::new(p)}), 1), 5_000)),
            (Maps::LEN, mask(&mut Model::new(net!(Maps => {DropPath::new(p)}), 1), 20_000)),
        ];
        for (group, mask) in masks {
            let groups = mask.len() / group;
            let deviation = (p * (1.0 - p) / groups as f64).sqrt();
            let zeros = share_of_zeros(&mask);
            assert!((zeros - p).abs() < 4.0 * deviation, "{zeros} of groups of {group} dropped at {p}");
            let kept = <f32 as Element>::from_f64(1.0 / (1.0 - p));
            assert!(mask.iter().all(|&value| value == 0.0 || value == kept));
            assert!(mask.chunks(group).all(|group| group.iter().all(|&value| value == group[0])));
        }
    }
}

#[test]
fn masks_of_neighbours_have_nothing_in_common() {
    let mask = mask(&mut Model::new(net!(Maps => {Dropout::new(0.5)}), 3), 500);
    for distance in [1, 2, 5, 25, 200, 400] {
        let pairs = mask.iter().zip(&mask[distance..]);
        let both = pairs.clone().filter(|&(a, b)| *a > 0.0 && *b > 0.0).count() as f64 / pairs.len() as f64;
        assert!((both - 0.25).abs() < 0.008, "{both} at a distance of {distance}");
    }
}

#[test]
fn both_ends() {
    fn check<N: Network<Input = Maps, Output = Maps>>(never: N, always: N) {
        let (mut never, mut always) = (Model::new(never, 1), Model::new(always, 1));
        assert!(mask(&mut never, 3).iter().all(|&value| value == 1.0));
        assert!(mask(&mut always, 3).iter().all(|&value| value == 0.0));
        let infinite = Batch::from_fn(3, |_, _| f32::INFINITY);
        let gradients = always.backward(&infinite, &infinite);
        assert!(gradients.input().unwrap().as_slice().iter().all(|&dx| dx == 0.0));
        assert_eq!(always.forward(&infinite), infinite);
        assert!(mask(&mut always, 0).is_empty());
    }
    check(net!(Maps => {Dropout::new(0.0)}), net!(Maps => {Dropout::new(1.0)}));
    check(net!(Maps => {ChannelDropout::new(0.0)}), net!(Maps => {ChannelDropout::new(1.0)}));
    check(net!(Maps => {DropPath::new(0.0)}), net!(Maps => {DropPath::new(1.0)}));
}

#[test]
#[should_panic(expected = "from 0 to 1")]
fn more_than_certain_is_refused() {
    let _ = Dropout::new(1.1);
}

#[test]
fn evaluation_is_the_identity() {
    let mut model =
        Model::new(net!(Maps => {Dropout::new(0.5)} >> {ChannelDropout::new(0.5)} >> {DropPath::new(0.5)}), 1);
    let x = Batch::from_fn(3, |sample, index| (sample + index) as f32);
    assert_eq!(model.forward(&x), x);
    assert_eq!(model.backward_eval(&x, &x).input().unwrap(), &x);
}

macro_rules! regularised {
    () => {
        net!(Image<2, 12, 12> => conv(4, k3) >> relu >> pool2 >> {ChannelDropout::new(0.25)} >> conv(5, k3) >> {DropPath::new(0.25)}
            >> flatten >> dense(20) >> relu >> {Dropout::new(0.5)} >> dense(12) >> {Dropout::new(0.5)} >> dense(3))
    };
}

fn images<E: shapewright::Element>(samples: usize) -> Batch<Image<2, 12, 12>, E> {
    Batch::from_fn(samples, |sample, index| E::from_f64(((sample * 31 + index * 17) % 23) as f64 / 23.0))
}

fn labels(samples: usize) -> Labels<3> {
    Labels::new(&(0..samples).map(|sample| sample * 7 % 3).collect::<Vec<_>>()).unwrap()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let train = |samples: usize, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut model = Model::new(regularised!(), 3);
            for _ in 0..10 {
                model.step(&images(samples), &labels(samples), &CrossEntropy, &mut Sgd::new(0.05)).unwrap();
            }
            model.parameters().iter().copied().map(f32::to_bits).collect::<Vec<_>>()
        })
    };
    for samples in [1, 5, 37] {
        let alone = train(samples, 1);
        for threads in [2, 4, 7] {
            assert_eq!(train(samples, threads), alone, "{samples} samples, {threads} threads");
        }
    }
}

#[test]
fn each_step_drops_anew_and_repeats_exactly() {
    let mut model = Model::new(regularised!(), 5);
    let mut loss = |step: bool| {
        if step {
            model.step(&images(6), &labels(6), &CrossEntropy, &mut Sgd::new(1e-30)).unwrap();
        }
        model.gradients(&images(6), &labels(6), &CrossEntropy).unwrap().0
    };
    let first = loss(false);
    assert_eq!(loss(false), first);
    assert_ne!(loss(true), first);
    let mut model = Model::new(regularised!(), 5);
    assert_eq!(model.gradients(&images(6), &labels(6), &CrossEntropy).unwrap().0, first);
}

#[test]
fn gradients_agree_with_differences_under_the_same_mask() {
    let mut model = Model::new(regularised!(), 5).cast::<f64>();
    // Behind a sample that was dropped stands the bias, and at 0 the rectifier has no slope.
    model
        .parameters_mut()
        .iter_mut()
        .enumerate()
        .for_each(|(index, value)| *value += 0.01 * ((index % 7) as f64 - 2.5));
    let (images, labels) = (images(9), labels(9));
    let (_, gradients) = model.gradients_with_input(&images, &labels, &CrossEntropy).unwrap();
    let loss = |model: &mut Model<_, f64>, x: &Batch<_, f64>| model.gradients(x, &labels, &CrossEntropy).unwrap().0;
    for (index, analytic) in gradients.as_slice().iter().enumerate() {
        let mut loss_at = |offset: f64| {
            model.parameters_mut()[index] += offset;
            let loss = loss(&mut model, &images);
            model.parameters_mut()[index] -= offset;
            loss
        };
        let numeric = (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6;
        assert!((analytic - numeric).abs() < 1e-8, "parameter {index}: {analytic} against {numeric}");
    }
    let input = gradients.input().expect("the gradient of the input").as_slice();
    assert!(share_of(input, |dx| dx == 0.0) < 0.9, "most of the input is not dropped");
    for (index, analytic) in input.iter().enumerate() {
        let mut moved = images.clone();
        let mut loss_at = |offset: f64| {
            moved.as_mut_slice()[index] = images.as_slice()[index] + offset;
            loss(&mut model, &moved)
        };
        let numeric = (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6;
        assert!((analytic - numeric).abs() < 1e-8, "input {index}: {analytic} against {numeric}");
    }
}
