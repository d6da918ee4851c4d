//! The fast kernels against the textbook loops, over random legal sizes, in both precisions.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::Activation;
use shapewright::Element;
use shapewright::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward};
use shapewright::kernels::dense::{DenseGeometry, dense, dense_backward};
use shapewright::kernels::max_pool2d::{max_pool2d, max_pool2d_backward};
use shapewright::kernels::simd::{Level, Processor};
use shapewright::kernels::window::Window2d;
use shapewright::reference;

const CASES: u32 = 2048;

// What the cases are made of.

/// Random values, told by a seed, so that a failing case shrinks in its sizes only.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// Between −1 and 1.
    Uniform,
    /// −2, −1, 0, 1 or 2: equal ones are frequent.
    Integers,
    /// Small integers among which ±∞ and NaN are frequent.
    Special,
}

impl Values {
    fn draw<E: Element>(self, seed: u64, length: usize) -> Vec<E> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let value = |_| {
            E::from_f64(match self {
                Self::Uniform => rng.random_range(-1.0..1.0),
                Self::Integers => f64::from(rng.random_range(-2..=2)),
                Self::Special => {
                    let usual = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
                    *usual.get(rng.random_range(0..8)).unwrap_or(&f64::from(rng.random_range(-1..=1)))
                }
            })
        };
        (0..length).map(value).collect()
    }
}

/// Windows that fit, often exactly, with strides beyond the kernel and paddings beyond the image among them.
/// One in four is padded as `same` is: the output has ⌈input / stride⌉ positions, and an odd rest goes behind.
fn windows(padding: fn(usize) -> usize) -> impl Strategy<Value = Window2d> {
    let axis = (1..=4_usize, 1..=5_usize, 1..=3_usize, 0..=5_usize, 0..=5_usize, any::<prop::sample::Index>());
    (1..=3_usize, axis.clone(), axis, 0..4_u8).prop_map(move |(channels, rows, columns, same)| {
        let axis = |(kernel, stride, dilation, extra, image, index): (_, _, _, _, usize, prop::sample::Index)| {
            let extent: usize = dilation * (kernel - 1) + 1;
            if same == 0 {
                let output = (image + 1_usize).div_ceil(stride);
                let padding = ((output - 1) * stride + extent).saturating_sub(image + 1);
                return [image + 1, kernel, stride, padding / 2, dilation, output];
            }
            let padding = index.index(padding(kernel) + 1);
            let input = extent.saturating_sub(2 * padding).max(1) + extra;
            [input, kernel, stride, padding, dilation, (input + 2 * padding - extent) / stride + 1]
        };
        let (rows, columns) = (axis(rows), axis(columns));
        let pair = |field: usize| [rows[field], columns[field]];
        let [input, kernel, stride, padding, dilation, output] = [0, 1, 2, 3, 4, 5].map(pair);
        Window2d { channels, input, kernel, stride, padding, dilation, output }
    })
}

/// Windows for pooling: at least half of the kernel is on the image. Every third is the usual 2×2, which has loops of
/// its own, over even and odd sizes and up to a few registers in a row; an odd last row or column is left out or, as `same` does it, padded.
fn pooling_windows() -> impl Strategy<Value = Window2d> {
    let halving = (1..=3_usize, [2..=5_usize, 2..=70], any::<bool>()).prop_map(|(channels, input, same)| {
        let output = input.map(|size| if same { size.div_ceil(2) } else { size / 2 });
        Window2d { channels, input, kernel: [2; 2], stride: [2; 2], padding: [0; 2], dilation: [1; 2], output }
    });
    prop_oneof![2 => windows(|kernel| kernel / 2), 1 => halving]
}

/// Convolutions; every third has a 1×1 kernel and no padding before the image. With as many positions as pixels, one
/// step apart, such a convolution needs no columns; with fewer, or larger steps, or padding behind, it does.
fn geometries() -> impl Strategy<Value = Conv2dGeometry> {
    let pair = [1..=3_usize, 1..=3];
    let pointwise = (1..=3_usize, pair.clone(), pair.clone(), [1..=2_usize, 1..=2]);
    let pointwise = pointwise.prop_map(|(channels, input, output, stride)| Window2d {
        channels,
        input,
        kernel: [1; 2],
        stride,
        padding: [0; 2],
        dilation: [1; 2],
        output,
    });
    let window = prop_oneof![2 => windows(|_| 3), 1 => pointwise];
    (window, pair).prop_map(|(window, [group_filters, groups])| Conv2dGeometry {
        window: Window2d { channels: window.channels * groups, ..window },
        filters: group_filters * groups,
        groups,
    })
}

/// Convolutions whose columns need several tiles: of whole output rows, and of parts of them.
fn large_geometries() -> impl Strategy<Value = Conv2dGeometry> {
    (520..600_usize, 1..=3_usize, prop_oneof![Just(1), 2..=12_usize], 1..=2_usize, 0..=1_usize).prop_map(
        |(channels, filters, height, stride, padding)| {
            let width = 300 / height;
            let window = Window2d::new(channels, [height, width], [1, 2], [1, stride], [0, padding], [1, 1]);
            Conv2dGeometry { window: window.expect("two columns at least"), filters, groups: 1 }
        },
    )
}

fn epilogues() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::Identity), Just(Activation::Relu)]
}

/// Fails unless all values agree, NaN with NaN, to 1e-12 in double and 1e-4 in single precision.
fn check_close<E: Element>(name: &str, fast: &[E], slow: &[E]) -> TestCaseResult {
    let tolerance = if E::epsilon().as_f64() < 1e-10 { 1e-12 } else { 1e-4 };
    prop_assert_eq!(fast.len(), slow.len());
    for (index, (&fast, &slow)) in fast.iter().zip(slow).enumerate() {
        let (fast, slow) = (fast.as_f64(), slow.as_f64());
        let same = fast == slow || fast.is_nan() && slow.is_nan();
        let close = (fast - slow).abs() <= tolerance * fast.abs().max(slow.abs()).max(1.0);
        prop_assert!(same || close, "{}[{}] is {}, the loops say {}", name, index, fast, slow);
    }
    Ok(())
}

/// What a kernel must overwrite, or must not read.
fn rubbish<E: Element>(length: usize) -> Vec<E> {
    vec![E::nan(); length]
}

// The comparisons.

fn check_conv2d<E: Element>(
    geometry: &Conv2dGeometry,
    biased: bool,
    epilogue: Activation,
    seed: u64,
) -> TestCaseResult {
    let weight: Vec<E> = Values::Uniform.draw(seed, geometry.weight_len());
    let bias: Vec<E> = Values::Uniform.draw(seed + 1, if biased { geometry.filters } else { 0 });
    let x: Vec<E> = Values::Uniform.draw(seed + 2, geometry.window.input_len());
    let [mut fast, mut slow] = [(); 2].map(|()| rubbish(geometry.output_len()));
    conv2d(geometry, &weight, &bias, &x, &mut fast, epilogue, &mut rubbish(geometry.scratch_len()));
    reference::conv2d(geometry, &weight, &bias, &x, &mut slow);
    epilogue.apply(&mut slow);
    check_close("y", &fast, &slow)
}

fn check_conv2d_backward<E: Element>(
    geometry: &Conv2dGeometry,
    biased: bool,
    needs_dx: bool,
    seed: u64,
) -> TestCaseResult {
    let weight: Vec<E> = Values::Uniform.draw(seed, geometry.weight_len());
    let x: Vec<E> = Values::Uniform.draw(seed + 1, geometry.window.input_len());
    let dy: Vec<E> = Values::Uniform.draw(seed + 2, geometry.output_len());
    let mut dx = [(); 2].map(|()| rubbish::<E>(if needs_dx { x.len() } else { 0 }));
    // Both add to what is there already.
    let mut d_weight = [(); 2].map(|()| Values::Integers.draw::<E>(seed + 3, weight.len()));
    let mut d_bias = [(); 2].map(|()| Values::Integers.draw::<E>(seed + 4, if biased { geometry.filters } else { 0 }));

    let slot = needs_dx.then_some(&mut dx[0][..]);
    let mut scratch = rubbish(geometry.scratch_len());
    conv2d_backward(geometry, &weight, &x, &dy, slot, &mut d_weight[0], &mut d_bias[0], &mut scratch);
    let slot = needs_dx.then_some(&mut dx[1][..]);
    reference::conv2d_backward(geometry, &weight, &x, &dy, slot, &mut d_weight[1], &mut d_bias[1]);

    check_close("dx", &dx[0], &dx[1])?;
    check_close("d_weight", &d_weight[0], &d_weight[1])?;
    check_close("d_bias", &d_bias[0], &d_bias[1])
}

fn check_max_pool2d<E: Element>(window: &Window2d, values: Values, seed: u64) -> TestCaseResult {
    let x: Vec<E> = values.draw(seed, window.input_len());
    let [mut fast, mut slow] = [(); 2].map(|()| rubbish(window.channels * window.positions()));
    reference::max_pool2d(window, &x, &mut slow);
    for level in Level::available() {
        max_pool2d(level, window, &x, &mut fast);
        check_close("y", &fast, &slow)?;
    }
    Ok(())
}

fn check_max_pool2d_backward<E: Element>(window: &Window2d, values: Values, seed: u64) -> TestCaseResult {
    let x: Vec<E> = values.draw(seed, window.input_len());
    let dy: Vec<E> = Values::Uniform.draw(seed + 1, window.channels * window.positions());
    let [mut fast, mut slow] = [(); 2].map(|()| rubbish(x.len()));
    reference::max_pool2d_backward(window, &x, &dy, &mut slow);
    for level in Level::available() {
        max_pool2d_backward(level, window, &x, &dy, &mut fast);
        check_close("dx", &fast, &slow)?;
    }
    Ok(())
}

/// A dense layer is a 1×1 convolution over an image of one pixel.
fn as_convolution(inputs: usize, outputs: usize) -> Conv2dGeometry {
    let window = Window2d::new(inputs, [1, 1], [1, 1], [1, 1], [0, 0], [1, 1]).expect("one pixel is enough");
    Conv2dGeometry { window, filters: outputs, groups: 1 }
}

fn check_dense<E: Element>(
    [inputs, outputs, samples]: [usize; 3],
    biased: bool,
    epilogue: Activation,
    seed: u64,
) -> TestCaseResult {
    let weight: Vec<E> = Values::Uniform.draw(seed, outputs * inputs);
    let bias: Vec<E> = Values::Uniform.draw(seed + 1, if biased { outputs } else { 0 });
    let x: Vec<E> = Values::Uniform.draw(seed + 2, samples * inputs);
    let [mut fast, mut slow] = [(); 2].map(|()| rubbish(samples * outputs));
    for (x, y) in x.chunks_exact(inputs).zip(slow.chunks_exact_mut(outputs)) {
        reference::conv2d(&as_convolution(inputs, outputs), &weight, &bias, x, y);
    }
    epilogue.apply(&mut slow);
    for level in Level::available() {
        dense(
            Processor { level, threads: 1 },
            DenseGeometry { inputs, outputs, samples },
            &weight,
            &bias,
            &x,
            &mut fast,
            epilogue,
        );
        check_close("y", &fast, &slow)?;
    }
    Ok(())
}

/// Threads divide the outputs of one sample, and every output is summed as before.
#[test]
fn dense_gives_the_same_bits_on_any_number_of_threads() {
    let geometry = DenseGeometry { inputs: 4099, outputs: 131, samples: 1 };
    let weight: Vec<f32> = Values::Uniform.draw(1, 4099 * 131);
    let x: Vec<f32> = Values::Uniform.draw(2, 4099);
    for bias in [Vec::new(), Values::Uniform.draw(3, 131)] {
        for level in Level::available() {
            let [one, two, three, seven] = [1, 2, 3, 7].map(|threads| {
                let mut y = rubbish::<f32>(131);
                dense(Processor { level, threads }, geometry, &weight, &bias, &x, &mut y, Activation::Relu);
                y
            });
            assert_eq!(one, two, "{level:?}");
            assert_eq!(one, three, "{level:?}");
            assert_eq!(one, seven, "{level:?}");
        }
    }
}

fn check_dense_backward<E: Element>(
    [inputs, outputs, samples]: [usize; 3],
    biased: bool,
    needs_dx: bool,
    seed: u64,
) -> TestCaseResult {
    let weight: Vec<E> = Values::Uniform.draw(seed, outputs * inputs);
    let x: Vec<E> = Values::Uniform.draw(seed + 1, samples * inputs);
    let dy: Vec<E> = Values::Uniform.draw(seed + 2, samples * outputs);
    let start = || {
        let d_bias = Values::Integers.draw::<E>(seed + 4, if biased { outputs } else { 0 });
        (rubbish::<E>(x.len()), Values::Integers.draw::<E>(seed + 3, weight.len()), d_bias)
    };

    let (mut dx, mut d_weight, mut d_bias) = start();
    let geometry = as_convolution(inputs, outputs);
    for ((x, dy), dx) in x.chunks_exact(inputs).zip(dy.chunks_exact(outputs)).zip(dx.chunks_exact_mut(inputs)) {
        let slot = needs_dx.then_some(dx);
        reference::conv2d_backward(&geometry, &weight, x, dy, slot, &mut d_weight, &mut d_bias);
    }
    for level in Level::available() {
        let mut fast = start();
        let slot = needs_dx.then_some(&mut fast.0[..]);
        let geometry = DenseGeometry { inputs, outputs, samples };
        dense_backward(level, geometry, &weight, &x, &dy, slot, &mut fast.1, &mut fast.2);
        check_close("dx", &fast.0, &dx)?;
        check_close("d_weight", &fast.1, &d_weight)?;
        check_close("d_bias", &fast.2, &d_bias)?;
    }
    Ok(())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn conv2d_agrees(geometry in geometries(), biased: bool, epilogue in epilogues(), seed in 0..1_u64 << 32) {
        check_conv2d::<f64>(&geometry, biased, epilogue, seed)?;
        check_conv2d::<f32>(&geometry, biased, epilogue, seed)?;
    }

    #[test]
    fn conv2d_backward_agrees(geometry in geometries(), biased: bool, needs_dx: bool, seed in 0..1_u64 << 32) {
        check_conv2d_backward::<f64>(&geometry, biased, needs_dx, seed)?;
        check_conv2d_backward::<f32>(&geometry, biased, needs_dx, seed)?;
    }

    #[test]
    fn max_pool2d_agrees(
        window in pooling_windows(),
        values in prop_oneof![Just(Values::Uniform), Just(Values::Integers), Just(Values::Special)],
        seed in 0..1_u64 << 32,
    ) {
        check_max_pool2d::<f64>(&window, values, seed)?;
        check_max_pool2d::<f32>(&window, values, seed)?;
    }

    #[test]
    fn max_pool2d_backward_agrees(
        window in pooling_windows(),
        values in prop_oneof![Just(Values::Uniform), Just(Values::Integers), Just(Values::Special)],
        seed in 0..1_u64 << 32,
    ) {
        check_max_pool2d_backward::<f64>(&window, values, seed)?;
        check_max_pool2d_backward::<f32>(&window, values, seed)?;
    }

    #[test]
    fn dense_agrees(
        inputs in 1..120_usize, outputs in 1..20_usize, samples in 0..12_usize,
        biased: bool, epilogue in epilogues(), seed in 0..1_u64 << 32,
    ) {
        check_dense::<f64>([inputs, outputs, samples], biased, epilogue, seed)?;
        check_dense::<f32>([inputs, outputs, samples], biased, epilogue, seed)?;
    }

    #[test]
    fn dense_backward_agrees(
        inputs in 1..120_usize, outputs in 1..20_usize, samples in 0..12_usize,
        biased: bool, needs_dx: bool, seed in 0..1_u64 << 32,
    ) {
        check_dense_backward::<f64>([inputs, outputs, samples], biased, needs_dx, seed)?;
        check_dense_backward::<f32>([inputs, outputs, samples], biased, needs_dx, seed)?;
    }

    /// A convolution without bias is linear in its input and in its weights, so its gradients are the adjoint maps:
    /// ⟨dy, y⟩ = ⟨dx, x⟩ = ⟨d_weight, weight⟩. This holds the loops themselves to the formula, at every geometry.
    #[test]
    fn reference_gradients_are_adjoint(geometry in geometries(), seed in 0..1_u64 << 32) {
        let weight = Values::Uniform.draw(seed, geometry.weight_len());
        let x = Values::Uniform.draw(seed + 1, geometry.window.input_len());
        let dy = Values::Uniform.draw(seed + 2, geometry.output_len());
        let mut y = rubbish(dy.len());
        reference::conv2d(&geometry, &weight, &[], &x, &mut y);
        let (mut dx, mut d_weight) = (rubbish(x.len()), vec![0.0; weight.len()]);
        reference::conv2d_backward(&geometry, &weight, &x, &dy, Some(&mut dx), &mut d_weight, &mut []);
        check_close("by input and by weight", &[dot(&dx, &x), dot(&d_weight, &weight)], &[dot(&dy, &y); 2])?;
    }

    /// A convolution is the product of the rows of `im2col` with the filters, and `col2im` is the adjoint of `im2col`.
    #[test]
    fn im2col_makes_convolution_a_product(window in windows(|_| 3), filters in 1..=3_usize, seed in 0..1_u64 << 32) {
        let geometry = Conv2dGeometry { window, filters, groups: 1 };
        let weight: Vec<f64> = Values::Uniform.draw(seed, geometry.weight_len());
        let x: Vec<f64> = Values::Uniform.draw(seed + 1, window.input_len());
        let rows = reference::im2col(&window, &x);
        let filter = |filter: usize| &weight[filter * geometry.filter_len()..][..geometry.filter_len()];
        let product: Vec<f64> = (0..filters)
            .flat_map(|index| rows.chunks_exact(geometry.filter_len()).map(move |row| dot(filter(index), row)))
            .collect();
        let mut y = rubbish(geometry.output_len());
        reference::conv2d(&geometry, &weight, &[], &x, &mut y);
        check_close("product", &product, &y)?;

        let upstream: Vec<f64> = Values::Uniform.draw(seed + 2, rows.len());
        check_close("adjoint", &[dot(&reference::col2im(&window, &upstream), &x)], &[dot(&upstream, &rows)])?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tiles_agree(geometry in large_geometries(), epilogue in epilogues(), seed in 0..1_u64 << 32) {
        prop_assert!(geometry.window.positions() < 150 || geometry.columns() < geometry.window.positions());
        check_conv2d::<f64>(&geometry, true, epilogue, seed)?;
        check_conv2d::<f32>(&geometry, true, epilogue, seed)?;
        check_conv2d_backward::<f64>(&geometry, true, true, seed)?;
        check_conv2d_backward::<f32>(&geometry, true, true, seed)?;
    }
}

// What single cases must give, by PyTorch's conventions.

fn pool_row(kernel: usize, padding: usize, x: &[f64], dy: &[f64]) -> [Vec<f64>; 2] {
    let window =
        Window2d::new(1, [1, x.len()], [1, kernel], [1, kernel], [0, padding], [1, 1]).expect("a row of windows");
    let (mut y, mut dx) = (rubbish(window.positions()), rubbish(x.len()));
    max_pool2d(Level::best(), &window, x, &mut y);
    max_pool2d_backward(Level::best(), &window, x, dy, &mut dx);
    [y, dx]
}

#[test]
fn the_first_maximum_takes_the_gradient() {
    let [y, dx] = pool_row(3, 0, &[1.0, 2.0, 2.0, 0.0, 0.0, 0.0], &[5.0, 7.0]);
    assert_eq!(y, [2.0, 0.0]);
    assert_eq!(dx, [0.0, 5.0, 0.0, 7.0, 0.0, 0.0]);
}

#[test]
fn the_first_nan_is_the_maximum() {
    let [y, dx] = pool_row(4, 0, &[f64::INFINITY, f64::NAN, 9.0, f64::NAN], &[5.0]);
    assert!(y[0].is_nan());
    assert_eq!(dx, [0.0, 5.0, 0.0, 0.0]);
}

#[test]
fn negative_infinity_is_a_maximum_like_any_other() {
    let [y, dx] = pool_row(2, 1, &[f64::NEG_INFINITY; 4], &[3.0, 5.0, 7.0]);
    assert_eq!(y, [f64::NEG_INFINITY; 3]);
    assert_eq!(dx, [3.0, 5.0, 0.0, 7.0]);
}

#[test]
fn a_window_in_the_padding_has_no_gradient_to_pass() {
    let window = Window2d::new(1, [1, 2], [1, 2], [1, 1], [0, 1], [1, 3]).expect("two taps, three apart");
    let (mut y, mut dx) = ([0.0], [f64::NAN; 2]);
    max_pool2d(Level::best(), &window, &[1.0, 2.0], &mut y);
    max_pool2d_backward(Level::best(), &window, &[1.0, 2.0], &[1.0], &mut dx);
    assert_eq!((y, dx), ([f64::NEG_INFINITY], [0.0, 0.0]));
}

#[test]
fn a_convolution_of_every_pixel_needs_no_columns() {
    let window = Window2d::new(3, [5, 4], [1, 1], [1, 1], [0, 0], [1, 1]).expect("a fitting window");
    assert_eq!(Conv2dGeometry { window, filters: 2, groups: 1 }.scratch_len(), 0);
}

#[test]
fn sizes_of_a_grouped_convolution() {
    let window = Window2d::new(4, [8, 10], [3, 5], [1, 2], [1, 2], [1, 1]).expect("a fitting window");
    let geometry = Conv2dGeometry { window, filters: 6, groups: 2 };
    assert_eq!((geometry.group_channels(), geometry.group_filters()), (2, 3));
    assert_eq!(geometry.weight_len(), 6 * 2 * 3 * 5);
    assert_eq!(geometry.output_len(), 6 * 8 * 5);
    assert_eq!(geometry.macs(), 6 * 8 * 5 * 2 * 3 * 5);
    assert_eq!(geometry.scratch_len(), 2 * 3 * 5 * 8 * 5);
}
