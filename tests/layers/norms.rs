//! Norms: against PyTorch, against the formulas, against differences, and at their extremes.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::kernels::batch_norm::{self, Channels};
use shapewright::kernels::lrn::LocalResponse;
use shapewright::kernels::sample_norm::{KEPT, SampleNorm};
use shapewright::kernels::simd::{Level, Processor};
use shapewright::prelude::*;
use shapewright::reference::{self, Norm};
use shapewright::{
    Activation, BatchNorm, Chain, Element, GroupNorm, Identity, LayerNorm, Lrn, Network, Repeat, Residual, RmsNorm,
};

use crate::common::fixture::Fixtures;
use crate::common::gradient::{worst_error_in_evaluation, worst_error_in_training};
use crate::common::training::train;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/norms.safetensors"));

// PyTorch.

fixtures! { FIXTURES.check_training:
    batch_norms {
        "batch.image": Image<3, 5, 4> => batchnorm;
        "batch.wide": Image<2, 9, 17> => batchnorm;
        "batch.settings": Image<2, 3, 3> => batchnorm!(eps(1e-2), momentum(0.3));
        "batch.sequence": Sequence<5, 7> => batchnorm;
        "batch.features": Vector<21> => batchnorm;
        "batch.one_sample": Image<3, 4, 4> => batchnorm;
        "batch.network": Image<2, 8, 8> => conv!(2=>4, k3, pad1, nobias) >> batchnorm >> relu >> pool2 >> conv!(4=>3, k3, nobias) >> batchnorm
            >> relu >> flatten >> dense!(5, nobias) >> batchnorm >> relu >> dense!(3);
    }
}

fixtures! { FIXTURES.check:
    norms_of_samples {
        "layer.image": Image<3, 5, 4> => layernorm;
        "layer.sequence": Sequence<5, 7> => layernorm!(eps(1e-2));
        "layer.features": Vector<37> => layernorm;
        "group.image": Image<6, 4, 5> => groupnorm!(2);
        "group.one": Image<3, 5, 5> => groupnorm!(1, eps(1e-3));
        "group.each": Image<4, 3, 6> => groupnorm!(4);
        "group.sequence": Sequence<6, 11> => groupnorm!(3);
        "group.features": Vector<18> => groupnorm!(3);
        "instance.image": Image<3, 5, 4> => instancenorm;
        "instance.sequence": Sequence<3, 19> => instancenorm!(eps(1e-2));
        "rms.image": Image<3, 5, 4> => rmsnorm;
        "rms.features": Vector<37> => rmsnorm!(eps(1e-2));
    }
    local_response_norms {
        "lrn.usual": Image<8, 4, 5> => lrn!(5);
        "lrn.paper": Image<7, 3, 3> => lrn!(5, alpha(5e-4), beta(0.75), k(2.0));
        "lrn.even": Image<6, 3, 6> => lrn!(4, alpha(0.7), beta(0.6), k(0.5));
        "lrn.wider_than_channels": Image<3, 3, 3> => lrn!(7, alpha(0.7), beta(1.5));
        "lrn.sequence": Sequence<5, 18> => lrn!(3, alpha(2.0));
    }
}

// Differences.

gradient_checks! {
    layer: Image<3, 3, 4> => layernorm, 3;
    layer_of_features: Vector<19> => dense!(17) >> layernorm >> relu, 3;
    layer_of_flat: Image<2, 3, 3> => flatten >> layernorm, 2;
    group: Image<6, 3, 3> => GroupNorm::<3>::new(), 2;
    group_of_features: Vector<12> => GroupNorm::<2>::new() >> dense!(3), 2;
    group_of_flat: Image<2, 3, 3> => flatten >> GroupNorm::<3>::new(), 2;
    group_relu: Image<4, 5, 5> => conv!(4=>4, k3) >> GroupNorm::<2>::new() >> relu, 2;
    instance: Image<3, 4, 5> => instancenorm, 2;
    instance_of_sequence: Sequence<3, 9> => instancenorm >> relu, 2;
    rms: Sequence<3, 7> => rmsnorm, 2;
    rms_of_features: Vector<23> => rmsnorm >> dense!(3), 2;
    lrn: Image<6, 3, 3> => Lrn::new(5).alpha(0.5), 2;
    lrn_even: Image<5, 2, 9> => Lrn::new(2).alpha(0.9).beta(0.6).k(2.0), 2;
    lrn_behind_relu: Image<2, 5, 5> => conv!(2=>4, k3) >> relu >> Lrn::new(3) >> pool2, 2;
}

/// A test for each line: the gradients of a chain in training and in evaluation. The bound is CS231n's: a bias in front of a batch
/// norm has the gradient 0, of which differences show their rounding alone.
macro_rules! gradient_checks_of_both_modes {
    ($($name:ident: $input:ty => $chain:expr, $samples:expr;)*) => { $(
        #[test]
        fn $name() {
            use shapewright::dsl::*;
            let errors = [worst_error_in_training, worst_error_in_evaluation].map(|worst| worst(($chain).on::<$input>(), $samples, 7));
            assert!(errors.iter().all(|&error| error < 1e-6), "{errors:?}");
        }
    )* };
}

gradient_checks_of_both_modes! {
    batch: Image<3, 3, 4> => batchnorm, 3;
    batch_of_one_sample: Image<2, 3, 3> => batchnorm, 1;
    batch_of_sequences: Sequence<3, 5> => batchnorm, 4;
    batch_of_features: Vector<19> => batchnorm >> dense!(3), 5;
    batch_of_flat: Image<2, 3, 3> => flatten >> batchnorm, 4;
    batch_of_single_positions: Image<5, 1, 1> => batchnorm, 4;
    batch_relu_pool: Image<2, 6, 6> => conv!(2=>3, k3) >> batchnorm >> relu >> pool2, 5;
    batch_twice: Image<2, 4, 4> => batchnorm >> batchnorm, 5;
    batch_repeated: Image<2, 4, 4> => Repeat::<2, _>::new(batchnorm >> relu >> conv!(2=>2, k3, pad1)), 5;
    batch_residual: Image<2, 4, 4> =>
        Residual::new(Chain(conv!(2=>2, k3, pad1) >> batchnorm >> relu >> conv!(2=>2, k3, pad1) >> batchnorm), Identity)
        >> relu, 5;
}

// The formulas.

fn random<E: Element>(seed: u64, length: usize) -> Vec<E> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..length).map(|_| E::from_f64(rng.random_range(-1.0..1.0) + 0.3)).collect()
}

fn check_close<E: Element>(name: &str, ours: &[E], theirs: &[f64]) -> TestCaseResult {
    let tolerance = if size_of::<E>() == 4 { 2e-4 } else { 1e-10 };
    prop_assert_eq!(ours.len(), theirs.len());
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let close = (ours.as_f64() - theirs).abs() <= tolerance * theirs.abs().max(1.0);
        prop_assert!(close, "{}[{}] is {}, but must be {}", name, index, ours, theirs);
    }
    Ok(())
}

fn doubles<E: Element>(values: &[E]) -> Vec<f64> {
    values.iter().map(|value| value.as_f64()).collect()
}

/// The samples, channels and positions of a batch; some planes are longer than what is summed in one go.
fn sizes() -> impl Strategy<Value = [usize; 3]> {
    let positions = prop_oneof![3 => Just(1), 4 => 2..=20_usize, 4 => 21..=140_usize, 1 => 2000..=2100_usize];
    (1..=9_usize, 1..=37_usize, positions).prop_map(|(samples, channels, positions)| match positions {
        2000.. => [samples.min(2), channels.min(2), positions],
        _ => [samples, channels, positions],
    })
}

fn check_batch_norm<E: Element>([samples, channels, positions]: [usize; 3], seed: u64) -> TestCaseResult {
    let (eps, values) = (1e-3, samples * channels * positions);
    let channel = |index: usize| index / positions % channels;
    let norm = Norm { group: channel, channel, groups: channels, centred: true, eps };
    let [x, dy] = [seed, seed + 1].map(|seed| random::<E>(seed, values));
    let [weight, bias] = [seed + 2, seed + 3].map(|seed| random::<E>(seed, channels));
    let [x_64, dy_64, weight_64, bias_64] = [&x, &dy, &weight, &bias].map(|values| doubles(values));
    let [mut y_64, mut dx_64] = [(); 2].map(|()| vec![0.0; values]);
    let [mut d_weight_64, mut d_bias_64] = [(); 2].map(|()| vec![0.0; channels]);
    norm.forward(&weight_64, &bias_64, &x_64, &mut y_64);
    norm.backward(&weight_64, &x_64, &dy_64, &mut dx_64, &mut d_weight_64, &mut d_bias_64);
    let [_, mean_64, variance_64] = norm.moments(&x_64);
    for level in Level::available() {
        let processor = Processor { level, threads: 1 };
        let [mut mean, mut variance, mut d_weight, mut d_bias] = [(); 4].map(|()| vec![E::nan(); channels]);
        let [mut y, mut dx] = [(); 2].map(|()| vec![E::nan(); values]);
        batch_norm::moments(processor, positions, &x, &mut mean, &mut variance);
        check_close("mean", &mean, &mean_64)?;
        check_close("variance", &variance, &variance_64)?;
        let scale: Vec<E> = variance.iter().map(|&variance| (variance + E::from_f64(eps)).sqrt().recip()).collect();
        let shift: Vec<E> = mean.iter().zip(&scale).map(|(&mean, &scale)| -mean * scale).collect();
        let channels = Channels { positions, scale: &scale, shift: &shift, weight: &weight };
        batch_norm::forward(processor, channels, &bias, &x, &mut y, Activation::Identity);
        check_close("y", &y, &y_64)?;
        batch_norm::forward(processor, channels, &bias, &x, &mut y, Activation::Relu);
        check_close("relu", &y, &y_64.iter().map(|y| y.max(0.0)).collect::<Vec<_>>())?;
        batch_norm::sums(processor, channels, &x, &dy, &mut d_weight, &mut d_bias);
        check_close("d_weight", &d_weight, &d_weight_64)?;
        check_close("d_bias", &d_bias, &d_bias_64)?;
        let share = -E::from_f64((samples * positions) as f64).recip();
        let shares = |sums: &[E]| sums.iter().zip(&weight).map(|(&sum, &weight)| sum * share * weight).collect();
        let (slope, offset): (Vec<E>, Vec<E>) = (shares(&d_weight), shares(&d_bias));
        batch_norm::backward(processor, channels, [&slope, &offset], &x, &dy, &mut dx);
        if samples * positions > 1 {
            check_close("dx", &dx, &dx_64)?;
        }
    }
    Ok(())
}

/// Layer, group, instance and RMS norm, by number.
fn check_sample_norm<E: Element>(kind: usize, dims: [usize; 3], groups: usize, seed: u64) -> TestCaseResult {
    let [samples, mut channels, mut positions] = dims;
    let groups = match kind {
        0 | 3 => {
            (channels, positions) = (channels * positions, 1);
            1
        }
        1 => {
            channels *= groups;
            groups
        }
        _ => channels,
    };
    let (eps, centred, values) = (1e-3, kind != 3, samples * channels * positions);
    let (weights, biases) = (if kind == 2 { 0 } else { channels }, if kind >= 2 { 0 } else { channels });
    let channel = |index: usize| index / positions % channels;
    let norm = Norm {
        group: |index: usize| index / (channels / groups * positions),
        channel,
        groups: samples * groups,
        centred,
        eps,
    };
    let [x, dy] = [seed, seed + 1].map(|seed| random::<E>(seed, values));
    let (weight, bias) = (random::<E>(seed + 2, weights), random::<E>(seed + 3, biases));
    let (x_64, dy_64) = (doubles(&x), doubles(&dy));
    let (mut weight_64, mut bias_64) = (doubles(&weight), doubles(&bias));
    weight_64.resize(channels, 1.0);
    bias_64.resize(channels, 0.0);
    let [mut y_64, mut dx_64] = [(); 2].map(|()| vec![0.0; values]);
    let [mut d_weight_64, mut d_bias_64] = [(); 2].map(|()| vec![0.0; channels]);
    norm.forward(&weight_64, &bias_64, &x_64, &mut y_64);
    norm.backward(&weight_64, &x_64, &dy_64, &mut dx_64, &mut d_weight_64, &mut d_bias_64);
    let norm = SampleNorm { groups, channels, positions, centred, eps: E::from_f64(eps) };
    for level in Level::available() {
        let (mut d_weight, mut d_bias) = (vec![E::one(); weights], vec![E::one(); biases]); // added to
        let [mut y, mut dx] = [(); 2].map(|()| vec![E::nan(); values]);
        let mut kept = vec![E::nan(); samples * groups * KEPT];
        norm.forward(level, (&weight, &bias), &x, &mut y, &mut [], Activation::Relu);
        check_close("relu", &y, &y_64.iter().map(|y| y.max(0.0)).collect::<Vec<_>>())?;
        norm.forward(level, (&weight, &bias), &x, &mut y, &mut kept, Activation::Identity);
        check_close("y", &y, &y_64)?;
        let gradients = (&mut d_weight[..], &mut d_bias[..]);
        norm.backward(level, &weight, &kept, &x, &dy, Some(&mut dx), gradients);
        if channels / groups * positions > 1 {
            check_close("dx", &dx, &dx_64)?;
        }
        let added = |gradient: &[f64]| gradient.iter().map(|gradient| gradient + 1.0).collect::<Vec<_>>();
        check_close("d_weight", &d_weight, &added(&d_weight_64[..weights]))?;
        check_close("d_bias", &d_bias, &added(&d_bias_64[..biases]))?;
    }
    Ok(())
}

fn check_lrn<E: Element>([samples, channels, positions]: [usize; 3], size: usize, seed: u64) -> TestCaseResult {
    let (sample, values) = (channels * positions, samples * channels * positions);
    let beta = if seed.is_multiple_of(2) { 0.75 } else { 1.3 };
    let response = LocalResponse { size, alpha: 0.8, beta, k: 1.5 };
    let [x, dy] = [seed, seed + 1].map(|seed| random::<E>(seed, values));
    let (x_64, dy_64) = (doubles(&x), doubles(&dy));
    let [mut y_64, mut dx_64] = [(); 2].map(|()| vec![0.0; values]);
    for first in (0..values).step_by(sample) {
        let (range, dims) = (first..first + sample, [channels, positions]);
        reference::lrn(&response, dims, &x_64[range.clone()], &mut y_64[range.clone()]);
        reference::lrn_backward(&response, dims, &x_64[range.clone()], &dy_64[range.clone()], &mut dx_64[range]);
    }
    for level in Level::available() {
        let [mut y, mut dx] = [(); 2].map(|()| vec![E::nan(); values]);
        let mut room = vec![E::nan(); 2 * sample];
        response.forward(level, [channels, positions], &x, &mut y);
        response.backward(level, [channels, positions], &x, &dy, &mut dx, &mut room);
        check_close("y", &y, &y_64)?;
        check_close("dx", &dx, &dx_64)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn batch_norm_is_its_formula(sizes in sizes(), seed in any::<u32>()) {
        check_batch_norm::<f64>(sizes, seed.into())?;
        check_batch_norm::<f32>(sizes, seed.into())?;
    }

    #[test]
    fn norms_of_samples_are_their_formula(kind in 0..4_usize, sizes in sizes(), groups in 1..=4_usize, seed in any::<u32>()) {
        check_sample_norm::<f64>(kind, sizes, groups, seed.into())?;
        check_sample_norm::<f32>(kind, sizes, groups, seed.into())?;
    }

    #[test]
    fn lrn_is_its_formula(sizes in sizes(), size in 1..=7_usize, seed in any::<u32>()) {
        check_lrn::<f64>(sizes, size, seed.into())?;
        check_lrn::<f32>(sizes, size, seed.into())?;
    }
}

// Extremes.

#[test]
fn a_mean_far_from_zero_costs_no_digits() {
    let values: Vec<f32> = (0..100_000).map(|index| 3000.0 + (index * 7919 % 2003) as f32 / 2003.0).collect();
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / 1e5;
    let variance = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / 1e5;
    for level in Level::available() {
        let ([mut our_mean], [mut our_variance]) = ([0_f32], [0_f32]);
        let (means, variances) = (core::slice::from_mut(&mut our_mean), core::slice::from_mut(&mut our_variance));
        batch_norm::moments(Processor { level, threads: 1 }, 1000, &values, means, variances);
        assert!((f64::from(our_mean) - mean).abs() < 3e-4, "{our_mean}, {mean}"); // half a step of f32 at 3000 is 1.2e-4
        assert!((f64::from(our_variance) / variance - 1.0).abs() < 1e-5, "{our_variance}, {variance}");
    }
}

#[test]
fn one_value_a_channel_gives_the_bias_and_leaves_the_variance() {
    use shapewright::dsl::*;
    let mut model = Model::new(batchnorm.on::<Vector<2>>(), 0).cast::<f64>();
    model.param_mut("0.bias").unwrap().values.copy_from_slice(&[3.0, -4.0]);
    let (y, gradients) = train(&mut model, &Batch::from([[7.0, 8.0]]), &Batch::from([[1.0, 2.0]]));
    assert_eq!(y.as_slice(), [3.0, -4.0]);
    assert_eq!(gradients.input().unwrap().as_slice(), [0.0, 0.0]);
    assert_eq!(gradients.param("0.bias").unwrap().values, [1.0, 2.0]);
    let near = |values: &[f64], expected: [f64; 2]| values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(near(model.statistic("0.running_mean").unwrap().values, [0.7, 0.8]));
    assert_eq!(model.statistic("0.running_var").unwrap().values, [1.0, 1.0]);
}

#[test]
fn equal_values_give_the_bias() {
    use shapewright::dsl::*;
    let x = Batch::from_fn(3, |_, _| 5.5);
    let dy = Batch::from_fn(3, |sample, index| (sample + index) as f64);
    let (y, gradients) = train(&mut Model::new(batchnorm.on::<Image<2, 3, 3>>(), 0).cast(), &x, &dy);
    assert!(y.as_slice().iter().all(|&y| y == 0.0));
    assert!(gradients.as_slice().iter().all(|gradient| gradient.is_finite()));
    let y = Model::new(instancenorm.on::<Image<2, 3, 3>>(), 0).cast().forward(&x);
    assert!(y.as_slice().iter().all(|&y| y == 0.0));
    let y = Model::new(rmsnorm.on::<Image<2, 3, 3>>(), 0).cast::<f64>().forward(&Batch::zeros(3));
    assert!(y.as_slice().iter().all(|&y| y == 0.0));
}

#[test]
fn what_is_not_a_number_stays_in_its_channel() {
    use shapewright::dsl::*;
    for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let x = Batch::from_fn(2, |sample, index| if (sample, index) == (1, 30) { special } else { index as f64 });
        let spoilt = |y: &[f64]| y.iter().enumerate().all(|(index, y)| y.is_nan() == (index % 75 / 25 == 1));
        let (y, _) = train(&mut Model::new(batchnorm.on::<Image<3, 5, 5>>(), 0).cast(), &x, &x);
        assert!(spoilt(y.as_slice()));
        let y = Model::new(instancenorm.on::<Image<3, 5, 5>>(), 0).cast().forward(&x);
        assert!(y.as_slice()[..75].iter().all(|y| y.is_finite()));
        assert!(spoilt(&y.as_slice()[75..]));
        let y = Model::new(layernorm.on::<Image<3, 5, 5>>(), 0).cast().forward(&x);
        assert!(y.as_slice()[..75].iter().all(|y| y.is_finite()) && y.as_slice()[75..].iter().all(|y| y.is_nan()));
    }
}

#[test]
fn no_samples_change_nothing() {
    use shapewright::dsl::*;
    let mut model = Model::new(batchnorm.on::<Image<2, 3, 3>>(), 0);
    model.backward(&Batch::from_fn(4, |_, index| index as f32), &Batch::zeros(4));
    let before: Vec<Vec<f32>> = model.statistics().map(|statistic| statistic.values.to_vec()).collect();
    assert_ne!(before[0], [0.0, 0.0]);
    let gradients = model.backward(&Batch::zeros(0), &Batch::zeros(0));
    assert!(gradients.as_slice().iter().all(|&gradient| gradient == 0.0));
    assert_eq!(model.statistics().map(|statistic| statistic.values.to_vec()).collect::<Vec<_>>(), before);
    assert!(model.forward(&Batch::zeros(0)).is_empty());
}

#[test]
fn settings_outside_of_their_range_are_refused() {
    for refused in [
        || _ = BatchNorm::new().eps(0.0),
        || _ = BatchNorm::new().eps(f64::NAN),
        || _ = LayerNorm::new().eps(f64::INFINITY),
        || _ = GroupNorm::<2>::new().eps(-1.0),
        || _ = BatchNorm::new().momentum(1.1),
        || _ = BatchNorm::new().momentum(f64::NAN),
        || _ = Lrn::new(0),
    ] {
        std::panic::catch_unwind(refused).unwrap_err();
    }
    let _ = (BatchNorm::new().momentum(0.0), BatchNorm::new().momentum(1.0), RmsNorm::new().eps(1e-300));
}

// The execution contract.

/// Parameters, running statistics and outputs after some steps.
fn bits<N: Network<Output = Vector<3>>>(network: N, samples: usize, threads: usize) -> Vec<u32> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut model = Model::new(network, 3);
        let x = Batch::from_fn(samples, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 23.0);
        let labels = Labels::new(&(0..samples).map(|sample| sample * 7 % 3).collect::<Vec<_>>()).unwrap();
        for _ in 0..3 {
            model.step(&x, &labels, &CrossEntropy, &mut Sgd::new(0.05)).unwrap();
        }
        let y = model.forward(&x);
        let state = model.statistics().flat_map(|statistic| statistic.values.iter().copied());
        model.parameters().iter().copied().chain(state).chain(y.as_slice().iter().copied()).map(f32::to_bits).collect()
    })
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    use shapewright::dsl::*;
    for samples in [1, 37] {
        let bits = [1, 2, 4, 7].map(|threads| {
            let network = conv!(8, k3, pad1)
                >> batchnorm
                >> relu
                >> Residual::new(Chain(conv!(8, k3, pad1) >> batchnorm), Identity)
                >> GroupNorm::<2>::new()
                >> relu
                >> pool2
                >> Lrn::new(3)
                >> flatten
                >> dense!(300)
                >> batchnorm
                >> relu
                >> layernorm
                >> dense!(3);
            bits(network.on::<Image<2, 24, 24>>(), samples, threads)
        });
        assert!(bits.iter().all(|other| *other == bits[0]), "{samples}");
    }
}

#[test]
fn names_and_counts_are_pytorchs() {
    use shapewright::dsl::*;
    let model = Model::new((conv!(4, k3, nobias) >> batchnorm >> relu).on::<Image<3, 8, 8>>(), 0);
    let names: Vec<_> =
        model.params().chain(model.statistics()).map(|param| (param.name, param.dims.to_vec())).collect();
    let expected = ["1.weight", "1.bias", "1.running_mean", "1.running_var"].map(|name| (name, vec![4]));
    assert_eq!(names[0], ("0.weight", vec![4, 3, 3, 3]));
    assert_eq!(names[1..], expected);
    assert_eq!(Model::new(layernorm.on::<Image<3, 8, 5>>(), 0).param("0.bias").unwrap().dims, [3, 8, 5]);
    assert_eq!(Model::new(GroupNorm::<3>::new().on::<Sequence<6, 5>>(), 0).param("0.weight").unwrap().dims, [6]);
}
