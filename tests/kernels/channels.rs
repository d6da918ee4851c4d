//! Softmax and prelu at every level, against plain loops.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use shapewright::kernels::prelu::{prelu, prelu_backward_weight};
use shapewright::kernels::simd::Level;
use shapewright::kernels::softmax::{log_softmax, log_softmax_backward, softmax, softmax_backward};
use shapewright::{Element, reference};

/// Values in (−scale, scale) that look random.
fn values<E: Element>(count: usize, seed: usize, scale: f64) -> Vec<E> {
    let value = |index: usize| ((index * 7919 + seed * 104_729) % 2003) as f64 / 1001.5 - 1.0;
    (0..count).map(|index| E::from_f64(scale * value(index))).collect()
}

fn check_close<E: Element>(what: &str, fast: &[E], slow: &[E], scale: f64) -> TestCaseResult {
    for (index, (&fast, &slow)) in fast.iter().zip(slow).enumerate() {
        let tolerance = 16.0 * E::epsilon().as_f64() * scale.max(slow.abs().as_f64());
        let close = (fast - slow).abs().as_f64() <= tolerance;
        prop_assert!(close, "{}[{}] is {}, the loops say {}", what, index, fast, slow);
    }
    Ok(())
}

fn check_softmax<E: Element>(samples: usize, sizes: [usize; 2], seed: usize, scale: f64) -> TestCaseResult {
    let count = samples * sizes[0] * sizes[1];
    let x: Vec<E> = values(count, seed, scale);
    let dy: Vec<E> = values(count, seed + 1, 1.0);
    let rubbish = || vec![E::nan(); count];
    let [mut y, mut dx, mut log_y, mut log_dx] = [(); 4].map(|()| rubbish());
    reference::softmax(sizes, &x, &mut y);
    reference::softmax_backward(sizes, &y, &dy, &mut dx);
    reference::log_softmax(sizes, &x, &mut log_y);
    reference::log_softmax_backward(sizes, &log_y, &dy, &mut log_dx);
    for level in Level::available() {
        let mut result = rubbish();
        softmax(level, sizes, &x, &mut result);
        check_close("softmax", &result, &y, scale)?; // the loops lose by taking exp of a logarithm
        softmax_backward(level, sizes, &y, &dy, &mut result);
        check_close("softmax_backward", &result, &dx, 4.0)?;
        log_softmax(level, sizes, &x, &mut result);
        check_close("log_softmax", &result, &log_y, scale.max(1.0))?;
        log_softmax_backward(level, sizes, &log_y, &dy, &mut result);
        check_close("log_softmax_backward", &result, &log_dx, sizes[0] as f64)?;
    }
    Ok(())
}

fn check_prelu<E: Element>(samples: usize, [channels, positions]: [usize; 2], seed: usize) -> TestCaseResult {
    let count = samples * channels * positions;
    let x: Vec<E> = values(count, seed, 1.0);
    let dy: Vec<E> = values(count, seed + 1, 1.0);
    let weight: Vec<E> = values(channels, seed + 2, 1.0);
    let [mut y, mut dx] = [(); 2].map(|()| vec![E::nan(); count]);
    let mut d_weight: Vec<E> = values(channels, seed + 3, 1.0);
    let start = d_weight.clone();
    reference::prelu(positions, &weight, &x, &mut y);
    reference::prelu_backward(positions, &weight, &x, &dy, &mut dx, &mut d_weight);
    for level in Level::available() {
        let mut result = vec![E::nan(); count];
        prelu(level, positions, &weight, [&x, &x], &mut result);
        prop_assert_eq!(&result, &y);
        prelu(level, positions, &weight, [&x, &dy], &mut result);
        prop_assert_eq!(&result, &dx);
        let mut sums = start.clone();
        prelu_backward_weight(level, positions, &x, &dy, &mut sums);
        check_close("prelu_backward_weight", &sums, &d_weight, (samples * positions) as f64)?;
    }
    Ok(())
}

fn sizes() -> impl Strategy<Value = [usize; 2]> {
    (1..=40_usize, prop_oneof![Just(1), 2..=50_usize]).prop_map(|(channels, positions)| [channels, positions])
}

proptest! {
    #[test]
    fn softmax_agrees_with_the_loops(
        samples in 0..=3_usize, sizes in sizes(), seed in 0..1000_usize, scale in prop_oneof![Just(1.0), Just(30.0), Just(1e4)]
    ) {
        check_softmax::<f32>(samples, sizes, seed, scale)?;
        check_softmax::<f64>(samples, sizes, seed, scale)?;
    }

    #[test]
    fn prelu_agrees_with_the_loops(samples in 0..=3_usize, sizes in sizes(), seed in 0..1000_usize) {
        check_prelu::<f32>(samples, sizes, seed)?;
        check_prelu::<f64>(samples, sizes, seed)?;
    }
}
