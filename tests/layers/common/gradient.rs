//! Gradient checks: every backward pass against central differences in f64.

use std::ops::Range;

use shapewright::prelude::*;
use shapewright::{Gradients, Network, OutputOf, Shape};

use super::training::train;

/// Differences of Σ y·dy against the analytic gradients, for every parameter and every input value.
///
/// Returns the largest |a − b| / max(1e-3, |a| + |b|): the floor keeps the rounding of near-zero gradients out.
///
/// For a layer that computes the same in training as in evaluation.
pub(crate) fn worst_error<N: Network>(network: N, samples: usize, seed: u64) -> f64 {
    worst_error_of(network, samples, seed, |model, x, _| model.forward(x), Model::backward)
}

/// As [`worst_error`], in evaluation.
pub(crate) fn worst_error_in_evaluation<N: Network>(network: N, samples: usize, seed: u64) -> f64 {
    worst_error_of(network, samples, seed, |model, x, _| model.forward(x), Model::backward_eval)
}

/// As [`worst_error`], in training.
pub(crate) fn worst_error_in_training<N: Network>(network: N, samples: usize, seed: u64) -> f64 {
    worst_error_of(network, samples, seed, |model, x, dy| train(model, x, dy).0, |model, x, dy| train(model, x, dy).1)
}

fn worst_error_of<N: Network>(
    network: N,
    samples: usize,
    seed: u64,
    forward: impl Fn(&mut Model<N, f64>, &Batch<N::Input, f64>, &Batch<OutputOf<N>, f64>) -> Batch<OutputOf<N>, f64>,
    backward: impl Fn(&mut Model<N, f64>, &Batch<N::Input, f64>, &Batch<OutputOf<N>, f64>) -> Gradients<N::Input, f64>,
) -> f64 {
    let mut model = Model::new(network, seed).cast::<f64>();
    for (value, noise) in model.parameters_mut().iter_mut().zip(noises(seed, 3..4, N::PARAMS)) {
        *value += 0.1 * noise; // biases, too, differ from zero
    }
    let mut x = Batch::from_vec(samples, noises(seed, 0..samples, <N::Input as Shape>::LEN)).expect("whole samples");
    let dy =
        Batch::from_vec(samples, noises(seed + 1, 0..samples, <OutputOf<N> as Shape>::LEN)).expect("whole samples");
    let value =
        |model: &mut Model<N, f64>, x: &Batch<N::Input, f64>| dot(forward(model, x, &dy).as_slice(), dy.as_slice());
    let gradients = backward(&mut model, &x, &dy);
    let here = value(&mut model, &x);
    let of_parameters = worst_of(N::PARAMS, gradients.as_slice(), here, &mut |index, step| {
        let start = model.parameters()[index];
        model.parameters_mut()[index] = start + step;
        let there = value(&mut model, &x);
        model.parameters_mut()[index] = start;
        there
    });
    let input = gradients.input().expect("backward gives the gradient of the input");
    let of_input = worst_of(x.as_slice().len(), input.as_slice(), here, &mut |index, step| {
        let start = x.as_slice()[index];
        x.as_mut_slice()[index] = start + step;
        let there = value(&mut model, &x);
        x.as_mut_slice()[index] = start;
        there
    });
    of_parameters.max(of_input)
}

/// The largest error of the gradients of `count` numbers, where `value` gives what becomes of the sum, now `here`, when one moves by a step.
fn worst_of(count: usize, gradients: &[f64], here: f64, value: &mut dyn FnMut(usize, f64) -> f64) -> f64 {
    const STEP: f64 = 1e-5;
    let mut worst: f64 = 0.0;
    assert_eq!(gradients.len(), count, "a gradient for each number");
    for (index, analytic) in gradients.iter().enumerate() {
        let (above, below) = (value(index, STEP), value(index, -STEP));
        // A kink may lie within a step: on one side of it the slope is still the one that was asked for.
        let slopes = [(above - below) / (2.0 * STEP), (above - here) / STEP, (here - below) / STEP];
        let errors = slopes.map(|slope| (analytic - slope).abs() / (analytic.abs() + slope.abs()).max(1e-3));
        worst = worst.max(errors.into_iter().fold(f64::INFINITY, f64::min));
    }
    worst
}

fn dot(y: &[f64], dy: &[f64]) -> f64 {
    y.iter().zip(dy).map(|(y, dy)| y * dy).sum()
}

/// Numbers for these samples of `len` values.
fn noises(seed: u64, samples: Range<usize>, len: usize) -> Vec<f64> {
    samples.flat_map(|sample| (0..len).map(move |index| noise(seed, sample, index))).collect()
}

/// A number in (−1, 1) that no other index has: no ties, nothing within 1e-4 of a kink by chance of a grid.
fn noise(seed: u64, sample: usize, index: usize) -> f64 {
    let mut bits = (seed << 40) ^ ((sample as u64) << 24) ^ index as u64;
    for _ in 0..3 {
        bits = (bits ^ (bits >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// A test for each line: the gradients of a chain on an input shape, for a number of samples.
macro_rules! gradient_checks {
    ($($name:ident: $input:ty => $chain:expr, $samples:expr;)*) => { $(
        #[test]
        fn $name() {
            #[allow(unused_imports)] // a layer may be written by its type
            use shapewright::dsl::*;
            let error = $crate::common::gradient::worst_error(($chain).on::<$input>(), $samples, 7);
            assert!(error < 1e-7, "{error:e}");
        }
    )* };
}
