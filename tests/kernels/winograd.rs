//! Winograd's convolution against the textbook loops, at every level that this processor has.
//!
//! Inputs are integers, weights are multiples of four: halves and quarters of their sums are then exact in either precision
//! and in any order, so one wrong index shows.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::Activation;
use shapewright::Element;
use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::direct::Direct;
use shapewright::kernels::simd::{Level, Processor};
use shapewright::kernels::window::Window2d;
use shapewright::kernels::winograd::Winograd;
use shapewright::layer::Direction;
use shapewright::reference;

const CASES: u32 = 512;

/// A convolution of a batch; the numbers in it are told by a seed, so that a failing case shrinks in its sizes only.
#[derive(Clone, Debug)]
struct Case {
    geometry: Conv2dGeometry,
    samples: usize,
    biased: bool,
    seed: u64,
}

/// Input, padding before, and output along one axis; the padding behind may differ, as `same` makes it.
fn axis(output: impl Strategy<Value = usize>) -> impl Strategy<Value = [usize; 3]> {
    (0..=2_usize, 0..=2_usize, output).prop_map(|(before, behind, output)| {
        let input = (output + 2).saturating_sub(before + behind).max(1);
        [input, before, input + before + behind - 2]
    })
}

fn cases() -> impl Strategy<Value = Case> {
    // Outputs are 2 wide at least, so that the smallest input with the largest padding has one too.
    let size = || prop_oneof![3 => 2..=9_usize, 1 => 10..=40_usize];
    let numbers = || prop_oneof![3 => 1..=9_usize, 1 => 10..=40_usize];
    let sizes = ([numbers(), numbers()], prop_oneof![1 => Just(0_usize), 5 => Just(1), 2 => Just(7)]);
    (axis(size()), axis(size()), sizes, any::<bool>(), any::<u64>()).prop_map(
        |(rows, columns, ([channels, filters], samples), biased, seed)| {
            let [input, padding, output] = core::array::from_fn(|field| [rows[field], columns[field]]);
            let window =
                Window2d { channels, input, kernel: [3; 2], stride: [1; 2], padding, dilation: [1; 2], output };
            Case { geometry: Conv2dGeometry { window, filters, groups: 1 }, samples, biased, seed }
        },
    )
}

/// Integers from −2 to 2, times `scale`.
fn draw<E: Element>(seed: u64, length: usize, scale: f64) -> Vec<E> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..length).map(|_| E::from_f64(scale * f64::from(rng.random_range(-2..=2)))).collect()
}

/// What must be overwritten, or not be read.
fn garbage<E: Element>(length: usize) -> Vec<E> {
    vec![E::nan(); length]
}

/// Fails unless all values are equal.
fn check_equal<E: Element>(level: Level, name: &str, fast: &[E], loops: &[E]) -> TestCaseResult {
    prop_assert_eq!(fast.len(), loops.len());
    for (index, (&fast, &loops)) in fast.iter().zip(loops).enumerate() {
        prop_assert!(fast == loops, "{level:?}: {name}[{index}] is {fast:?}, the loops say {loops:?}");
    }
    Ok(())
}

fn pack<E: Element>(winograd: &Winograd, level: Level, direction: Direction, weight: &[E]) -> Vec<E> {
    let mut packed = garbage(winograd.packed().of(direction));
    winograd.pack(level, direction, weight, &mut packed);
    packed
}

impl Case {
    fn winograd(&self) -> Winograd {
        Winograd::new(&self.geometry).expect("3×3, stride 1 and less padding than kernel")
    }

    fn pack<E: Element>(&self, level: Level, direction: Direction, weight: &[E]) -> Vec<E> {
        pack(&self.winograd(), level, direction, weight)
    }

    fn weight<E: Element>(&self) -> Vec<E> {
        draw(self.seed, self.geometry.weight_len(), 4.0)
    }

    fn biases(&self) -> usize {
        if self.biased { self.geometry.filters } else { 0 }
    }

    fn x<E: Element>(&self, scale: f64) -> Vec<E> {
        draw(self.seed ^ 1, self.samples * self.geometry.window.input_len(), scale)
    }

    fn dy<E: Element>(&self) -> Vec<E> {
        draw(self.seed ^ 2, self.samples * self.geometry.output_len(), 1.0)
    }

    fn check_forward<E: Element>(&self, epilogue: Activation) -> TestCaseResult {
        let (weight, bias, x) = (self.weight::<E>(), draw::<E>(self.seed ^ 3, self.biases(), 1.0), self.x(1.0));
        let mut loops = garbage(self.samples * self.geometry.output_len());
        let samples = x.chunks_exact(self.geometry.window.input_len());
        for (x, y) in samples.zip(loops.chunks_exact_mut(self.geometry.output_len())) {
            reference::conv2d(&self.geometry, &weight, &bias, x, y);
        }
        epilogue.apply(&mut loops);
        for level in Level::available() {
            let (mut y, mut scratch) = (garbage(loops.len()), garbage(self.winograd().scratch_len()));
            let packed = self.pack(level, Direction::Forward, &weight);
            let processor = Processor { level, threads: 1 };
            self.winograd().forward(processor, (&packed, &bias), &x, &mut y, epilogue, &mut scratch);
            check_equal(level, "y", &y, &loops)?;
        }
        Ok(())
    }

    fn check_backward_input<E: Element>(&self) -> TestCaseResult {
        let (weight, dy) = (self.weight::<E>(), self.dy());
        let mut loops = garbage(self.samples * self.geometry.window.input_len());
        let upstream = dy.chunks_exact(self.geometry.output_len());
        for (dx, dy) in loops.chunks_exact_mut(self.geometry.window.input_len()).zip(upstream) {
            let (x, mut d_weight) = (vec![E::zero(); dx.len()], garbage(weight.len()));
            reference::conv2d_backward(&self.geometry, &weight, &x, dy, Some(dx), &mut d_weight, &mut []);
        }
        for level in Level::available() {
            let (mut dx, mut scratch) = (garbage(loops.len()), garbage(self.winograd().scratch_len()));
            let packed = self.pack(level, Direction::Backward, &weight);
            self.winograd().backward_input(Processor { level, threads: 1 }, &packed, &dy, &mut dx, &mut scratch);
            check_equal(level, "dx", &dx, &loops)?;
        }
        Ok(())
    }

    fn check_backward_weight<E: Element>(&self) -> TestCaseResult {
        let (weight, x, dy) = (self.weight::<E>(), self.x(4.0), self.dy());
        // Both add to what is there already.
        let before = draw::<E>(self.seed ^ 4, weight.len(), 1.0);
        let before_bias = draw::<E>(self.seed ^ 5, self.biases(), 1.0);
        let (mut loops, mut loops_bias) = (before.clone(), before_bias.clone());
        let upstream = dy.chunks_exact(self.geometry.output_len());
        for (x, dy) in x.chunks_exact(self.geometry.window.input_len()).zip(upstream) {
            reference::conv2d_backward(&self.geometry, &weight, x, dy, None, &mut loops, &mut loops_bias);
        }
        for level in Level::available() {
            let (mut d_weight, mut d_bias) = (before.clone(), before_bias.clone());
            let mut scratch = garbage(self.winograd().scratch_len());
            self.winograd().backward_weight(level, &x, &dy, &mut d_weight, &mut d_bias, &mut scratch);
            check_equal(level, "d_weight", &d_weight, &loops)?;
            check_equal(level, "d_bias", &d_bias, &loops_bias)?;
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn forward_agrees(case in cases(), relu: bool) {
        let epilogue = if relu { Activation::Relu } else { Activation::Identity };
        case.check_forward::<f32>(epilogue)?;
        case.check_forward::<f64>(epilogue)?;
    }

    #[test]
    fn backward_input_agrees(case in cases()) {
        case.check_backward_input::<f32>()?;
        case.check_backward_input::<f64>()?;
    }

    #[test]
    fn backward_weight_agrees(case in cases()) {
        case.check_backward_weight::<f32>()?;
        case.check_backward_weight::<f64>()?;
    }
}

/// Numbers from −1 to 1.
fn uniform(seed: u64, length: usize) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..length).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// The output of a 3×3 convolution with padding 1.
fn forward(processor: Processor, geometry: &Conv2dGeometry, weight: &[f32], bias: &[f32], x: &[f32]) -> Vec<f32> {
    let winograd = Winograd::new(geometry).expect("3×3");
    let packed = pack(&winograd, processor.level, Direction::Forward, weight);
    let mut y = garbage(x.len() / geometry.window.input_len() * geometry.output_len());
    let mut scratch = garbage(winograd.scratch_len());
    winograd.forward(processor, (&packed, bias), x, &mut y, Activation::Identity, &mut scratch);
    y
}

fn geometry(channels: usize, input: [usize; 2], filters: usize) -> Conv2dGeometry {
    let window = Window2d::new(channels, input, [3; 2], [1; 2], [1; 2], [1; 2]).expect("it fits");
    Conv2dGeometry { window, filters, groups: 1 }
}

#[test]
fn neither_other_samples_nor_threads_change_the_bits() {
    let geometry = geometry(31, [21, 19], 37);
    let (weight, bias) = (uniform(1, geometry.weight_len()), uniform(2, geometry.filters));
    let x = uniform(3, 7 * geometry.window.input_len());
    for level in Level::available() {
        let whole = forward(Processor { level, threads: 1 }, &geometry, &weight, &bias, &x);
        for (samples, threads) in [(1, 1), (2, 1), (3, 1), (7, 2), (1, 3), (1, 9)] {
            let parts = x.chunks(samples * geometry.window.input_len());
            let parts = parts.flat_map(|x| forward(Processor { level, threads }, &geometry, &weight, &bias, x));
            assert!(whole.iter().copied().eq(parts), "{level:?}: {samples} samples, {threads} threads");
        }
    }
}

/// An infinity or NaN reaches all outputs that see it, and no tile whose window does not.
#[test]
fn special_values_stay_in_their_windows() {
    let geometry = geometry(2, [12, 12], 3);
    let weight = vec![0.25; geometry.weight_len()];
    for (special, level) in
        [f32::NAN, f32::INFINITY].into_iter().flat_map(|value| Level::available().map(move |level| (value, level)))
    {
        let mut x = vec![0.5; geometry.window.input_len()];
        x[5 * 12 + 6] = special;
        let y = forward(Processor { level, threads: 1 }, &geometry, &weight, &[], &x);
        for (index, &y) in y.iter().enumerate() {
            let (row, column) = (index / 12 % 12, index % 12);
            let seen = row.abs_diff(5) <= 1 && column.abs_diff(6) <= 1;
            let in_a_window = (4..8).contains(&row) && (4..8).contains(&column);
            assert!(!seen || !y.is_finite(), "{level:?}: ({row}, {column}) sees {special} and is {y}");
            assert!(in_a_window || y.is_finite(), "{level:?}: ({row}, {column}) does not see {special} and is {y}");
        }
    }
}

/// What the documentation of `Conv2d` says of rounding, with some room.
#[test]
fn errors_are_no_larger_than_those_of_the_direct_kernel() {
    let geometry = geometry(64, [16, 16], 64);
    let (weight, x) = (uniform(1, geometry.weight_len()), uniform(2, geometry.window.input_len()));
    let double = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
    let mut exact = vec![0.0; geometry.output_len()];
    reference::conv2d(&geometry, &double(&weight), &[], &double(&x), &mut exact);
    let error = |y: &[f32]| y.iter().zip(&exact).map(|(&y, exact)| (f64::from(y) - exact).abs()).fold(0.0, f64::max);
    let direct = Direct::new(&geometry).expect("no dilation");
    for level in Level::available() {
        let processor = Processor { level, threads: 1 };
        let (mut packed, mut y) = (garbage(direct.packed().forward), garbage(exact.len()));
        direct.pack(level, Direction::Forward, &weight, &mut packed);
        let mut scratch = garbage(direct.scratch_len());
        direct.forward::<f32, true>(processor, (&packed, &[]), &x, &mut y, Activation::Identity, &mut scratch);
        let direct = error(&y);
        let winograd = error(&forward(processor, &geometry, &weight, &[], &x));
        println!("{level:?}: Winograd {winograd:.2e}, direct {direct:.2e}");
        assert!(winograd < direct && winograd < 2e-5, "{level:?}: {winograd:.2e} against {direct:.2e}");
    }
}

#[test]
fn only_plain_convolutions_of_three_by_three_are_winograds() {
    let is_winograd = |kernel, stride, padding, dilation, groups| {
        let window = Window2d::new(4, [9, 9], kernel, stride, padding, dilation).expect("a fitting window");
        Winograd::new(&Conv2dGeometry { window, filters: 4, groups }).is_some()
    };
    assert!(is_winograd([3, 3], [1, 1], [2, 2], [1, 1], 1));
    assert!(!is_winograd([3, 2], [1, 1], [0, 0], [1, 1], 1), "kernel");
    assert!(!is_winograd([3, 3], [1, 2], [0, 0], [1, 1], 1), "stride");
    assert!(!is_winograd([3, 3], [1, 1], [0, 3], [1, 1], 1), "padding of a whole kernel");
    assert!(!is_winograd([3, 3], [1, 1], [0, 0], [2, 1], 1), "dilation");
    assert!(!is_winograd([3, 3], [1, 1], [0, 0], [1, 1], 2), "groups");
}
