//! Batch norms folded into the weights before them: the same outputs, here and from a file, and the same training.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::prelude::*;
use shapewright::{BatchNorm, Element, Network, OutputOf, Vector};

/// A model whose norms have learnt something: factors of both signs, one of them 0, and statistics of all sizes.
fn learnt<N: Network>(network: N) -> Model<N, f64> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut model = Model::new(network, 3).cast::<f64>();
    let vectors: Vec<String> = model.params().filter(|p| p.dims.len() == 1).map(|p| p.name.to_owned()).collect();
    for name in vectors {
        for value in model.param_mut(&name).unwrap().values {
            *value = random.random_range(-1.0..1.0);
        }
    }
    let names: Vec<String> = model.statistics().map(|statistic| statistic.name.to_owned()).collect();
    for name in names {
        let least = if name.ends_with("running_var") { 0.1 } else { -2.0 };
        for value in model.statistic_mut(&name).unwrap().values {
            *value = random.random_range(least..3.0);
        }
        let factors = name.replace("running_var", "weight").replace("running_mean", "weight");
        model.param_mut(&factors).unwrap().values[0] = 0.0;
    }
    model
}

/// The largest difference between two models' outputs, relative to the largest output.
fn difference<N: Network, E: Element>(a: &Model<N, E>, b: &Model<N, E>, samples: usize) -> f64 {
    let x = Batch::from_fn(samples, |sample, index| E::from_f64(((sample * 7919 + index) as f64 * 0.37).sin()));
    let (a, b): (Batch<OutputOf<N>, E>, _) = (a.forward(&x), b.forward(&x));
    let pairs = || a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a.as_f64(), b.as_f64()));
    let largest = pairs().fold(0.0, |largest: f64, (a, _)| largest.max(a.abs()));
    assert!(largest > 0.0 && pairs().all(|(a, b)| a.is_finite() && b.is_finite()));
    pairs().fold(0.0, |worst: f64, (a, b)| worst.max((a - b).abs())) / largest
}

/// The differences between a model, the same one folded, and one that has loaded the folded one's file.
fn check<N: Network, E: Element>(model: &Model<N, E>, bound: f64) {
    let mut folded = model.clone();
    folded.fold();
    let mut loaded = Model::new(model.network().clone(), 9).cast::<E>();
    loaded.load_safetensors(&folded.to_safetensors().unwrap()).unwrap();
    let mut again = folded.clone();
    again.fold();
    for samples in [1, 5, 37] {
        let errors = [&folded, &folded.clone(), &loaded, &again].map(|other| difference(model, other, samples));
        assert!(errors.iter().all(|&error| error < bound), "{samples} samples: {errors:?}");
    }
}

/// The names of the norms that are still more than a shift.
fn unfolded<N: Network>(model: &Model<N, f64>) -> Vec<String> {
    let norms = model.statistics().filter_map(|statistic| statistic.name.strip_suffix(".running_var"));
    let is_shift = |norm: &str| {
        let weights = model.param(&format!("{norm}.weight")).unwrap().values;
        let variances = model.statistic(&format!("{norm}.running_var")).unwrap().values;
        weights.iter().zip(variances).all(|(weight, variance)| (weight / (variance + 1e-5).sqrt() - 1.0).abs() < 1e-9)
    };
    norms.filter(|norm| !is_shift(norm)).map(str::to_owned).collect()
}

/// A test for each line: the outputs are the same, in `f64` and `f32`, and just the named norms are left alone.
macro_rules! folds {
    ($($name:ident: $input:ty => ($($chain:tt)*), but [$($left:literal),*];)*) => { $(
        #[test]
        fn $name() {
            let model = learnt(net!($input => $($chain)*));
            check(&model, 1e-12);
            check(&model.cast::<f32>(), 1e-5);
            let mut folded = model.clone();
            folded.fold();
            let left: &[&str] = &[$($left),*];
            assert_eq!(unfolded(&folded), left);
        }
    )* };
}

folds! {
    conv: Image<3, 12, 13> => (conv(8, k3, pad1, nobias) >> batchnorm >> relu), but [];
    conv_with_bias: Image<3, 12, 13> => (conv(8, k5) >> batchnorm >> relu), but [];
    conv_by_winograd: Image<16, 12, 14> => (conv(16, k3, pad1, nobias) >> batchnorm >> relu >> conv(24, k3, pad1) >> batchnorm >> tanh), but [];
    conv_by_columns: Image<4, 6, 6> => (conv(6, k1, nobias) >> batchnorm >> relu >> conv(4, k3, dil2, groups2, nobias) >> batchnorm), but [];
    conv_with_stride: Image<3, 19, 17> => (conv(7, k3, s2, pad1, nobias) >> batchnorm >> maxpool(k3, s2)), but [];
    conv_of_sequences: Sequence<5, 30> => (conv(6, k9, s2, pad4, nobias) >> batchnorm >> relu >> conv(3, k3) >> batchnorm), but [];
    depthwise: Image<6, 9, 9> => (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu6 >> conv(8, k1, nobias) >> batchnorm >> relu6), but [];
    depthwise_with_bias: Image<6, 9, 9> => (depthwise(k3) >> batchnorm >> elu), but [];
    separable: Image<6, 9, 9> => (separable(10, k3, pad1, nobias) >> batchnorm >> relu), but [];
    conv_transpose: Image<4, 5, 6> => (conv_transpose(6, k3, s2, groups2, nobias) >> batchnorm >> relu >> conv_transpose(2, k2, s2) >> batchnorm), but [];
    conv_transpose_of_sequences: Sequence<4, 7> => (conv_transpose(6, k3, s2, groups2, nobias) >> batchnorm >> relu), but [];
    dense: Vector<19> => (dense(12, nobias) >> batchnorm >> relu >> dense(5) >> batchnorm), but [];
    residual: Image<4, 8, 8> => (
        residual(conv(6, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(6, k3, pad1, nobias) >> batchnorm
            | conv(6, k1, s2, nobias) >> batchnorm) >> relu
        >> residual(conv(6, k3, pad1) >> batchnorm) >> relu), but [];
    branches: Image<4, 8, 8> => (
        concat(conv(3, k1, nobias) >> batchnorm | conv(2, k3, pad1) >> batchnorm >> relu | batchnorm)
        >> sum(conv(4, k1, nobias) >> batchnorm | conv(4, k1) >> batchnorm)), but ["0.2.0"];
    repeated: Image<8, 8, 8> => (repeat(3, conv(8, k3, pad1, nobias) >> batchnorm >> relu) >> flatten >> dense(3)), but [];
    repeated_and_first: Image<4, 8, 8> => (repeat(2, batchnorm >> relu >> conv(4, k3, pad1, nobias)) >> flatten), but ["0.0.0", "0.1.0"];
    nothing_before: Image<3, 8, 8> => (batchnorm >> conv(4, k3, nobias) >> batchnorm >> relu), but ["0"];
    something_between: Image<3, 8, 8> => (conv(4, k3) >> relu >> batchnorm >> conv(4, k3) >> dropout(0.5) >> batchnorm), but ["2", "5"];
    a_joint_before: Image<3, 8, 8> => (residual(conv(3, k1, nobias)) >> batchnorm >> relu), but ["1"];
    one_after_another: Image<3, 8, 8> => (conv(4, k3, nobias) >> batchnorm >> batchnorm >> relu >> relu6), but ["2"];
    activations_behind: Image<3, 8, 8> => (conv(4, k3, nobias) >> batchnorm >> leaky_relu(0.2) >> elu(0.5) >> conv(2, k3)), but [];
    functions_behind: Image<3, 8, 8> => (conv(4, k3, nobias) >> batchnorm >> gelu >> conv(2, k3) >> batchnorm >> softmax), but [];
    chains: Image<3, 8, 8> => (stem: (a: conv(4, k3, nobias)) >> norm: batchnorm >> tail: (relu >> conv(4, k3, nobias) >> b: (batchnorm >> tanh)) >> flatten), but [];
}

net! { Stem: Image<3, 9, 9> => Image<4, 7, 7> = batchnorm >> conv(4, k3, nobias) }
net! { Head: Image<4, 7, 7> => Vector<5> = norm: batchnorm >> relu >> flatten >> dense(5) }

#[test]
fn networks_fold_across_their_joint() {
    let model = learnt(net!(Image<3, 9, 9> => Stem >> Head));
    check(&model, 1e-12);
    let mut folded = model.clone();
    folded.fold();
    assert_eq!(unfolded(&folded), ["0.0"]);
}

/// However the chain is put together, each stage meets the one before.
#[test]
fn any_nesting_folds_alike() {
    use shapewright::dsl::*;
    let (norm, conv) = (BatchNorm::new(), || conv!(5, k3, nobias));
    let to_the_left = learnt((((conv() >> norm) >> relu) >> conv() >> norm).on::<Image<3, 9, 9>>());
    let to_the_right = learnt((conv() >> (norm >> (relu >> (conv() >> norm)))).on::<Image<3, 9, 9>>());
    let in_the_middle = learnt((conv() >> ((norm >> relu) >> (conv() >> norm))).on::<Image<3, 9, 9>>());
    let apart = learnt(((conv() >> (norm >> relu)) >> (conv() >> norm)).on::<Image<3, 9, 9>>());
    check(&to_the_left, 1e-12);
    check(&to_the_right, 1e-12);
    check(&in_the_middle, 1e-12);
    check(&apart, 1e-12);
    let x = Batch::from_fn(2, |_, index| (index as f64).sin());
    let all = [to_the_left.forward(&x), to_the_right.forward(&x), in_the_middle.forward(&x), apart.forward(&x)];
    assert!(all.iter().all(|y| y == &all[0]));
}

#[test]
fn what_is_left_alone_is_not_touched() {
    let model = learnt(net!(Image<3, 8, 8> => batchnorm >> relu >> dropout(0.5) >> batchnorm >> conv(2, k3)));
    let mut folded = model.clone();
    folded.fold();
    assert_eq!(folded.parameters(), model.parameters());
    assert!(folded.statistics().zip(model.statistics()).all(|(folded, before)| folded.values == before.values));
}

net! { Small: Image<2, 8, 8> => Vector<3> =
conv(6, k3, nobias) >> batchnorm(eps(1e-9)) >> relu >> conv(6, k3) >> batchnorm(eps(1e-9)) >> relu >> flatten >> dense(3) }

fn batch() -> (Batch<Image<2, 8, 8>, f64>, Labels<3>) {
    (
        Batch::from_fn(6, |sample, index| (sample as f64 + index as f64 * 1.3).sin()),
        Labels::new(&[0, 1, 2, 2, 1, 0]).unwrap(),
    )
}

#[test]
fn training_goes_on_from_the_same_function() {
    let (x, labels) = batch();
    let mut model = learnt(Small);
    let mut folded = model.clone();
    folded.fold();
    let [before, after] = [&mut model, &mut folded].map(|model| model.gradients(&x, &labels, &CrossEntropy).unwrap().0);
    assert!((before - after).abs() < 1e-4 * before, "{before} {after}"); // the channels whose factor was 0 have 4.5e-5 now
    // the statistics that this left belong to the same function, too
    assert!(difference(&model, &folded, 4) < 1e-4);
    let first = folded.step(&x, &labels, &CrossEntropy, &mut Sgd::new(0.01)).unwrap();
    let second = folded.step(&x, &labels, &CrossEntropy, &mut Sgd::new(0.01)).unwrap();
    assert!(second < first);
}

/// What a model gives is what its numbers say, whatever has happened to them since it was folded.
#[test]
fn changes_after_folding_count() {
    let (x, _) = batch();
    let changes: [fn(&mut Model<Small, f64>); 5] = [
        |model| model.param_mut("1.weight").unwrap().values.fill(3.0),
        |model| model.parameters_mut()[7] = 2.0,
        |model| model.statistic_mut("4.running_var").unwrap().values.fill(5.0),
        |model| assert!(model.step(&batch().0, &batch().1, &CrossEntropy, &mut Sgd::new(0.1)).is_ok()),
        |model| assert!(model.gradients(&batch().0, &batch().1, &CrossEntropy).is_ok()),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut folded = learnt(Small);
        folded.fold();
        let before = folded.forward(&x);
        change(&mut folded);
        let mut fresh = Model::new(Small, 1).cast::<f64>();
        fresh.load_safetensors(&folded.to_safetensors().unwrap()).unwrap();
        assert_eq!(folded.forward(&x), fresh.forward(&x), "change {index}");
        assert_ne!(folded.forward(&x), before, "change {index}");
    }
}

#[test]
fn gradients_of_evaluation_are_those_before() {
    let (x, _) = batch();
    let mut model = learnt(Small);
    let mut folded = model.clone();
    folded.fold();
    let dy = Batch::<Vector<3>, f64>::from_fn(6, |sample, index| ((sample + 2 * index) as f64).cos());
    let [before, after] = [&mut model, &mut folded].map(|model| model.backward_eval(&x, &dy));
    let pairs = before.input().unwrap().as_slice().iter().zip(after.input().unwrap().as_slice());
    assert!(pairs.into_iter().all(|(before, after)| (before - after).abs() < 1e-9));
}
