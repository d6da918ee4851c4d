//! The depthwise convolution against the textbook loops, exactly, at every level that this processor has.
//!
//! All values are small integers: their sums are exact in either precision and in any order, so one wrong index shows.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::depthwise::{Along, Depthwise};
use shapewright::kernels::simd::Level;
use shapewright::kernels::window::Window2d;
use shapewright::reference;
use shapewright::{Activation, Element};

/// A convolution of a batch; the numbers in it are told by a seed, so that a failing case shrinks in its sizes only.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) window: Window2d,
    pub(super) samples: usize,
    pub(super) biased: bool,
    pub(super) seed: u64,
}

/// Input, kernel, stride, dilation, padding before, and output along one axis; the padding behind may differ, as `same` makes
/// it, both may be longer than the kernel, and the last pixels may lie behind the last window.
fn axis(longest: usize) -> impl Strategy<Value = [usize; 6]> {
    let steps = (prop_oneof![3 => Just(1_usize), 2 => Just(2), 1 => 3..=4_usize], 1..=3_usize);
    (1..=longest, 1..=7_usize, steps, any::<[Index; 2]>()).prop_filter_map(
        "the window fits",
        |(input, kernel, (stride, dilation), padding)| {
            let extent = dilation * (kernel - 1) + 1;
            let [before, behind] = padding.map(|padding| padding.index(extent + 1));
            let output = (input + before + behind).checked_sub(extent)? / stride + 1;
            Some([input, kernel, stride, dilation, before, output])
        },
    )
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let sizes = (1..=20_usize, prop_oneof![1 => Just(0_usize), 5 => Just(1), 2 => Just(3)]);
    (axis(9), axis(40), sizes, any::<bool>(), any::<u64>()).prop_map(
        |(rows, columns, (channels, samples), biased, seed)| {
            let [input, kernel, stride, dilation, padding, output] =
                core::array::from_fn(|field| [rows[field], columns[field]]);
            let window = Window2d { channels, input, kernel, stride, padding, dilation, output };
            Case { window, samples, biased, seed }
        },
    )
}

/// Integers from −2 to 2; where `special`, a few are NaN or infinite.
pub(super) fn draw<E: Element>(seed: u64, length: usize, special: bool) -> Vec<E> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let value = |_| match rng.random_range(0..64) {
        special_one @ 0..3 if special => [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][special_one],
        usual => (usual % 5) as f64 - 2.0,
    };
    (0..length).map(value).map(E::from_f64).collect()
}

/// What must be overwritten, or not be read.
pub(super) fn garbage<E: Element>(length: usize) -> Vec<E> {
    vec![E::nan(); length]
}

/// Fails unless all values are equal, NaN with NaN.
pub(super) fn check_equal<E: Element>(level: Level, name: &str, ours: &[E], loops: &[E]) -> TestCaseResult {
    prop_assert_eq!(ours.len(), loops.len());
    for (index, (&ours, &loops)) in ours.iter().zip(loops).enumerate() {
        let same = ours == loops || ours.is_nan() && loops.is_nan();
        prop_assert!(same, "{level:?}: {name}[{index}] is {ours:?}, the loops say {loops:?}");
    }
    Ok(())
}

impl Case {
    pub(super) fn geometry(&self) -> Conv2dGeometry {
        Conv2dGeometry { window: self.window, filters: self.window.channels, groups: self.window.channels }
    }

    fn outputs(&self) -> usize {
        self.window.channels * self.window.positions()
    }

    /// Both layouts at every level.
    fn ways(&self) -> impl Iterator<Item = (Level, Depthwise)> {
        let ways = [Along::Positions, Along::Channels].map(|along| Depthwise::along(&self.window, along));
        Level::available().flat_map(move |level| ways.map(|way| (level, way.expect("few enough taps"))))
    }

    fn check_forward<E: Element>(&self, epilogue: Activation, special: bool) -> TestCaseResult {
        let weight = draw::<E>(self.seed, self.geometry().weight_len(), false);
        let bias = draw::<E>(self.seed ^ 3, if self.biased { self.window.channels } else { 0 }, false);
        let x = draw(self.seed ^ 1, self.samples * self.window.input_len(), special);
        let mut loops = garbage(self.samples * self.outputs());
        for (x, y) in x.chunks_exact(self.window.input_len()).zip(loops.chunks_exact_mut(self.outputs())) {
            reference::conv2d(&self.geometry(), &weight, &bias, x, y);
        }
        epilogue.apply(&mut loops);
        for (level, depthwise) in self.ways() {
            let (mut y, mut scratch) = (garbage(loops.len()), garbage(depthwise.scratch_len()));
            depthwise.forward(level, (&weight, &bias), &x, &mut y, epilogue, &mut scratch);
            check_equal(level, "y", &y, &loops)?;
        }
        Ok(())
    }

    fn check_backward<E: Element>(&self) -> TestCaseResult {
        let weight = draw::<E>(self.seed, self.geometry().weight_len(), false);
        let x = draw(self.seed ^ 1, self.samples * self.window.input_len(), false);
        let dy = draw(self.seed ^ 2, self.samples * self.outputs(), false);
        // Both add to what is there already.
        let before = draw::<E>(self.seed ^ 4, weight.len(), false);
        let before_bias = draw::<E>(self.seed ^ 5, if self.biased { self.window.channels } else { 0 }, false);
        let (mut loops, mut loops_bias, mut loops_dx) = (before.clone(), before_bias.clone(), garbage(x.len()));
        let samples = x.chunks_exact(self.window.input_len()).zip(dy.chunks_exact(self.outputs()));
        for ((x, dy), dx) in samples.zip(loops_dx.chunks_exact_mut(self.window.input_len())) {
            reference::conv2d_backward(&self.geometry(), &weight, x, dy, Some(dx), &mut loops, &mut loops_bias);
        }
        for (level, depthwise) in self.ways() {
            for with_dx in [true, false] {
                let (mut d_weight, mut d_bias, mut dx) = (before.clone(), before_bias.clone(), garbage(x.len()));
                let mut scratch = garbage(depthwise.scratch_len());
                let (gradients, asked) = ((&mut d_weight[..], &mut d_bias[..]), with_dx.then_some(&mut dx[..]));
                depthwise.backward(level, &weight, &x, &dy, asked, gradients, &mut scratch);
                check_equal(level, "d_weight", &d_weight, &loops)?;
                check_equal(level, "d_bias", &d_bias, &loops_bias)?;
                if with_dx {
                    check_equal(level, "dx", &dx, &loops_dx)?;
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn forward_agrees(case in cases(), relu: bool) {
        let epilogue = if relu { Activation::Relu } else { Activation::Identity };
        case.check_forward::<f32>(epilogue, false)?;
        case.check_forward::<f64>(epilogue, false)?;
    }

    /// NaN and ±∞ reach the outputs whose windows see them, and no others.
    #[test]
    fn special_values_go_where_they_belong(case in cases()) {
        case.check_forward::<f32>(Activation::Identity, true)?;
        case.check_forward::<f64>(Activation::Identity, true)?;
    }

    #[test]
    fn backward_agrees(case in cases()) {
        case.check_backward::<f32>()?;
        case.check_backward::<f64>()?;
    }
}
