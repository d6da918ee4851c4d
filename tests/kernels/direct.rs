//! The direct convolution against the textbook loops, exactly, at every level that this processor has.
//!
//! All values are small integers: their sums are exact in either precision and in any order, so one wrong index shows.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::Activation;
use shapewright::Element;
use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::direct::Direct;
use shapewright::kernels::simd::{Level, Processor};
use shapewright::kernels::window::Window2d;
use shapewright::layer::Direction;
use shapewright::reference;

const CASES: u32 = 1024;

/// A convolution of a batch; the numbers in it are told by a seed, so that a failing case shrinks in its sizes only.
#[derive(Clone, Debug)]
struct Case {
    geometry: Conv2dGeometry,
    samples: usize,
    biased: bool,
    seed: u64,
}

/// Input, kernel, stride, padding before, and output along one axis; the padding behind may differ, as `same` makes it, and
/// the last pixels may lie behind the last window.
fn axis(output: impl Strategy<Value = usize>) -> impl Strategy<Value = [usize; 5]> {
    let stride = prop_oneof![3 => Just(1), 1 => 2..=4_usize];
    (1..=7_usize, stride, any::<[Index; 3]>(), output).prop_map(|(kernel, stride, indices, output)| {
        let [before, behind, unseen] = indices;
        let (before, behind, unseen) = (before.index(kernel), behind.index(kernel), unseen.index(stride));
        let input = ((output - 1) * stride + kernel + unseen).saturating_sub(before + behind).max(1);
        [input, kernel, stride, before, (input + before + behind - kernel) / stride + 1]
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let rows = axis(prop_oneof![5 => 1..=4_usize, 1 => 5..=20_usize]);
    let few = (axis(1..=40_usize), [1..=20_usize, 1..=20]);
    // Lanes along the filters, forward or on the way back, in blocks of 32 of them.
    let many_filters = (axis(1..=14_usize), [1..=8_usize, 33..=70]);
    let many_channels = (axis(1..=14_usize), [33..=70_usize, 1..=8]);
    let sizes = prop_oneof![6 => few, 1 => many_filters, 1 => many_channels];
    let samples = prop_oneof![1 => Just(0_usize), 5 => Just(1), 2 => Just(7)];
    (rows, sizes, samples, any::<bool>(), any::<u64>()).prop_map(
        |(rows, (columns, [channels, filters]), samples, biased, seed)| {
            let [input, kernel, stride, padding, output] = core::array::from_fn(|field| [rows[field], columns[field]]);
            let window = Window2d { channels, input, kernel, stride, padding, dilation: [1; 2], output };
            Case { geometry: Conv2dGeometry { window, filters, groups: 1 }, samples, biased, seed }
        },
    )
}

/// Integers from −2 to 2; where `special`, a few are NaN or infinite.
fn draw<E: Element>(seed: u64, length: usize, special: bool) -> Vec<E> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let value = |_| match rng.random_range(0..64) {
        special_one @ 0..3 if special => [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][special_one],
        usual => (usual % 5) as f64 - 2.0,
    };
    (0..length).map(value).map(E::from_f64).collect()
}

/// What must be overwritten, or not be read.
fn garbage<E: Element>(length: usize) -> Vec<E> {
    vec![E::nan(); length]
}

/// Fails unless all values are equal, NaN with NaN.
fn check_equal<E: Element>(level: Level, name: &str, direct: &[E], loops: &[E]) -> TestCaseResult {
    prop_assert_eq!(direct.len(), loops.len());
    for (index, (&direct, &loops)) in direct.iter().zip(loops).enumerate() {
        let same = direct == loops || direct.is_nan() && loops.is_nan();
        prop_assert!(same, "{level:?}: {name}[{index}] is {direct:?}, the loops say {loops:?}");
    }
    Ok(())
}

impl Case {
    fn direct(&self) -> Direct {
        Direct::new(&self.geometry).expect("less padding than kernel")
    }

    fn pack<E: Element>(&self, level: Level, direction: Direction, weight: &[E]) -> Vec<E> {
        let mut packed = garbage(self.direct().packed().of(direction));
        self.direct().pack(level, direction, weight, &mut packed);
        packed
    }

    fn weight<E: Element>(&self) -> Vec<E> {
        draw(self.seed, self.geometry.weight_len(), false)
    }

    fn biases(&self) -> usize {
        if self.biased { self.geometry.filters } else { 0 }
    }

    fn x<E: Element>(&self, special: bool) -> Vec<E> {
        draw(self.seed ^ 1, self.samples * self.geometry.window.input_len(), special)
    }

    fn dy<E: Element>(&self) -> Vec<E> {
        draw(self.seed ^ 2, self.samples * self.geometry.output_len(), false)
    }

    fn check_forward<E: Element>(&self, epilogue: Activation, special: bool) -> TestCaseResult {
        let (weight, bias, x) = (self.weight::<E>(), draw::<E>(self.seed ^ 3, self.biases(), false), self.x(special));
        let mut loops = garbage(self.samples * self.geometry.output_len());
        let samples = x.chunks_exact(self.geometry.window.input_len());
        for (x, y) in samples.zip(loops.chunks_exact_mut(self.geometry.output_len())) {
            reference::conv2d(&self.geometry, &weight, &bias, x, y);
        }
        epilogue.apply(&mut loops);
        for level in Level::available() {
            let (mut y, mut scratch) = (garbage(loops.len()), garbage(self.direct().scratch_len()));
            let packed = self.pack(level, Direction::Forward, &weight);
            let processor = Processor { level, threads: 1 };
            self.direct().forward::<_, true>(processor, (&packed, &bias), &x, &mut y, epilogue, &mut scratch);
            check_equal(level, "y", &y, &loops)?;
        }
        Ok(())
    }

    /// The bias and the epilogue are those of a transposed convolution.
    fn check_backward_input<E: Element>(&self, epilogue: Activation) -> TestCaseResult {
        prop_assume!(self.direct().has_input_gradient());
        let (weight, dy) = (self.weight::<E>(), self.dy());
        let mut loops = garbage(self.samples * self.geometry.window.input_len());
        let upstream = dy.chunks_exact(self.geometry.output_len());
        for (dx, dy) in loops.chunks_exact_mut(self.geometry.window.input_len()).zip(upstream) {
            let (x, mut d_weight) = (vec![E::zero(); dx.len()], garbage(weight.len()));
            reference::conv2d_backward(&self.geometry, &weight, &x, dy, Some(dx), &mut d_weight, &mut []);
        }
        let window = &self.geometry.window;
        let bias = draw::<E>(self.seed ^ 6, if self.biased { window.channels } else { 0 }, false);
        for dx in loops.chunks_exact_mut(window.input_len()) {
            for (dx, &bias) in dx.chunks_exact_mut(window.pixels()).zip(&bias) {
                for dx in dx {
                    *dx += bias;
                }
            }
        }
        epilogue.apply(&mut loops);
        for level in Level::available() {
            let (mut dx, mut scratch) = (garbage(loops.len()), garbage(self.direct().scratch_len()));
            let packed = self.pack(level, Direction::Backward, &weight);
            let (processor, parameters) = (Processor { level, threads: 1 }, (&packed[..], &bias[..]));
            self.direct().backward_input::<_, true>(processor, parameters, &dy, &mut dx, epilogue, &mut scratch);
            check_equal(level, "dx", &dx, &loops)?;
        }
        Ok(())
    }

    fn check_backward_weight<E: Element>(&self) -> TestCaseResult {
        let (weight, x, dy) = (self.weight::<E>(), self.x(false), self.dy());
        // Both add to what is there already.
        let before = draw::<E>(self.seed ^ 4, weight.len(), false);
        let before_bias = draw::<E>(self.seed ^ 5, self.biases(), false);
        let (mut loops, mut loops_bias) = (before.clone(), before_bias.clone());
        let upstream = dy.chunks_exact(self.geometry.output_len());
        for (x, dy) in x.chunks_exact(self.geometry.window.input_len()).zip(upstream) {
            reference::conv2d_backward(&self.geometry, &weight, x, dy, None, &mut loops, &mut loops_bias);
        }
        for level in Level::available() {
            let (mut d_weight, mut d_bias) = (before.clone(), before_bias.clone());
            let mut scratch = garbage(self.direct().scratch_len());
            self.direct().backward_weight::<_, true>(level, &x, &dy, &mut d_weight, &mut d_bias, &mut scratch);
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
        case.check_forward::<f32>(epilogue, false)?;
        case.check_forward::<f64>(epilogue, false)?;
    }

    /// NaN and ±∞ reach the outputs whose windows see them, and no others.
    #[test]
    fn special_values_go_where_they_belong(case in cases(), relu: bool) {
        let epilogue = if relu { Activation::Relu } else { Activation::Identity };
        case.check_forward::<f32>(epilogue, true)?;
        case.check_forward::<f64>(epilogue, true)?;
    }

    #[test]
    fn backward_input_agrees(case in cases(), relu: bool) {
        let epilogue = if relu { Activation::Relu } else { Activation::Identity };
        case.check_backward_input::<f32>(epilogue)?;
        case.check_backward_input::<f64>(epilogue)?;
    }

    #[test]
    fn backward_weight_agrees(case in cases()) {
        case.check_backward_weight::<f32>()?;
        case.check_backward_weight::<f64>()?;
    }
}

#[test]
fn only_plain_convolutions_are_direct() {
    let window = |stride, padding, dilation| Window2d::new(4, [9, 9], [3, 3], stride, padding, dilation);
    let is_direct = |window: Option<Window2d>, groups| {
        Direct::new(&Conv2dGeometry { window: window.expect("a fitting window"), filters: 4, groups }).is_some()
    };
    assert!(is_direct(window([1, 1], [2, 2], [1, 1]), 1));
    assert!(is_direct(window([1, 2], [2, 2], [1, 1]), 1));
    assert!(!is_direct(window([1, 1], [0, 3], [1, 1]), 1), "padding of a whole kernel");
    assert!(!is_direct(window([1, 1], [0, 0], [2, 1]), 1), "dilation");
    assert!(!is_direct(window([1, 1], [0, 0], [1, 1]), 2), "groups");
    let large = |kernel| Window2d::new(2, [14, 14], kernel, [1, 1], [0, 0], [1, 1]);
    assert!(is_direct(large([11, 11]), 1));
    assert!(!is_direct(large([12, 11]), 1), "more taps than the table of offsets has room for");
}

/// Tables of offsets that end with a channel and tables that are not full, and channels so far apart that they are copied.
#[test]
fn many_taps_and_crowded_channels_agree() -> TestCaseResult {
    for (channels, input, kernel, filters) in
        [(130, [1, 9], 1, 5), (130, [3, 3], 1, 40), (9, [16, 32], 1, 7), (3, [17, 13], 11, 6), (33, [32, 16], 1, 40)]
    {
        let window =
            Window2d::new(channels, input, [kernel; 2], [1; 2], [kernel / 2; 2], [1; 2]).expect("a fitting window");
        let case = Case { geometry: Conv2dGeometry { window, filters, groups: 1 }, samples: 2, biased: true, seed: 11 };
        case.check_forward::<f32>(Activation::Relu, true)?;
        case.check_forward::<f64>(Activation::Identity, false)?;
        case.check_backward_input::<f32>(Activation::Identity)?;
        case.check_backward_weight::<f64>()?;
    }
    Ok(())
}

/// One image on several threads: filters are divided, and every output is summed as before.
#[test]
fn threads_change_no_bit() {
    let [positions, filters] = [(30, 21), (14, 90)].map(|(size, filters)| {
        let window = Window2d::new(16, [size; 2], [5, 5], [1, 1], [2, 2], [1, 1]).expect("a fitting window");
        Case { geometry: Conv2dGeometry { window, filters, groups: 1 }, samples: 2, biased: true, seed: 7 }
    });
    assert!(!positions.direct().is_along_filters() && filters.direct().is_along_filters());
    check_threads(&positions);
    check_threads(&filters);
}

fn check_threads(case: &Case) {
    let filters = case.geometry.filters;
    let rough = |values: Vec<f32>| values.into_iter().map(|value| (value + 0.1).sin()).collect::<Vec<_>>();
    let (weight, x, dy) = (rough(case.weight()), rough(case.x(false)), rough(case.dy()));
    for level in Level::available() {
        let forward = case.pack(level, Direction::Forward, &weight);
        let backward = case.pack(level, Direction::Backward, &weight);
        let [one, two, three, seven] = [1, 2, 3, 7].map(|threads| {
            let (processor, mut scratch) = (Processor { level, threads }, garbage(case.direct().scratch_len()));
            let (mut y, mut dx) = (garbage(dy.len()), garbage(x.len()));
            let (mut d_weight, mut d_bias) = (vec![0.0; weight.len()], vec![0.0; filters]);
            let direct = case.direct();
            direct.forward::<_, true>(
                processor,
                (&forward, &vec![0.5; filters][..]),
                &x,
                &mut y,
                Activation::Relu,
                &mut scratch,
            );
            let gradients = (&mut d_weight[..], &mut d_bias[..]);
            direct.backward::<_, true>(processor, &backward, &x, &dy, Some(&mut dx), gradients, &mut scratch);
            [y, dx, d_weight, d_bias].concat().into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        assert!(one == two && one == three && one == seven, "{level:?}");
    }
}
