//! Numbers that courses and books print, from the fast kernels and from the textbook loops alike.
#![allow(clippy::unreadable_literal)] // digits as they are printed

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::Activation;
use shapewright::kernels;
use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::simd::Level;
use shapewright::kernels::window::Window2d;
use shapewright::prelude::*;
use shapewright::{BatchNorm, GroupNorm, Network, OutputOf, Shape, reference};

use crate::common::training::train;

/// The two implementations that must both give the published numbers.
const BOTH: [Implementation; 2] = [Implementation::Fast, Implementation::Loops];

#[derive(Clone, Copy, Debug)]
enum Implementation {
    Fast,
    Loops,
}

/// The gradients of a convolution.
struct Gradients {
    dx: Vec<f64>,
    d_weight: Vec<f64>,
    d_bias: Vec<f64>,
}

impl Implementation {
    /// The outputs of a convolution of samples that lie one after the other.
    fn conv2d(self, geometry: &Conv2dGeometry, weight: &[f64], bias: &[f64], x: &[f64]) -> Vec<f64> {
        let mut scratch = vec![0.0; geometry.scratch_len()];
        let samples = x.chunks_exact(geometry.window.input_len());
        samples
            .flat_map(|x| {
                let mut y = vec![0.0; geometry.output_len()];
                match self {
                    Self::Fast => {
                        let epilogue = Activation::Identity;
                        kernels::conv2d::conv2d(geometry, weight, bias, x, &mut y, epilogue, &mut scratch);
                    }
                    Self::Loops => reference::conv2d(geometry, weight, bias, x, &mut y),
                }
                y
            })
            .collect()
    }

    /// The gradients of a convolution of samples that lie one after the other.
    fn conv2d_backward(self, geometry: &Conv2dGeometry, weight: &[f64], x: &[f64], dy: &[f64]) -> Gradients {
        let mut dx = vec![0.0; x.len()];
        let (mut d_weight, mut d_bias) = (vec![0.0; weight.len()], vec![0.0; geometry.filters]);
        let mut scratch = vec![0.0; geometry.scratch_len()];
        let length = geometry.window.input_len();
        let upstream = dy.chunks_exact(geometry.output_len());
        for ((x, dy), dx) in x.chunks_exact(length).zip(upstream).zip(dx.chunks_exact_mut(length)) {
            let (dx, w, b) = (Some(dx), &mut d_weight, &mut d_bias);
            match self {
                Self::Fast => kernels::conv2d::conv2d_backward(geometry, weight, x, dy, dx, w, b, &mut scratch),
                Self::Loops => reference::conv2d_backward(geometry, weight, x, dy, dx, w, b),
            }
        }
        Gradients { dx, d_weight, d_bias }
    }

    /// The output of max pooling; samples count as channels.
    fn max_pool2d(self, window: &Window2d, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; window.channels * window.positions()];
        match self {
            Self::Fast => kernels::max_pool2d::max_pool2d(Level::best(), window, x, &mut y),
            Self::Loops => reference::max_pool2d(window, x, &mut y),
        }
        y
    }

    /// The gradient of max pooling; samples count as channels.
    fn max_pool2d_backward(self, window: &Window2d, x: &[f64], dy: &[f64]) -> Vec<f64> {
        let mut dx = vec![0.0; x.len()];
        match self {
            Self::Fast => kernels::max_pool2d::max_pool2d_backward(Level::best(), window, x, dy, &mut dx),
            Self::Loops => reference::max_pool2d_backward(window, x, dy, &mut dx),
        }
        dx
    }
}

/// A convolution over square images with a square kernel.
fn square(
    channels: usize,
    input: usize,
    filters: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Conv2dGeometry {
    Conv2dGeometry { window: square_window(channels, input, kernel, stride, padding), filters, groups: 1 }
}

fn square_window(channels: usize, input: usize, kernel: usize, stride: usize, padding: usize) -> Window2d {
    Window2d::new(channels, [input; 2], [kernel; 2], [stride; 2], [padding; 2], [1; 2]).expect("a fitting window")
}

/// `NumPy`'s linspace: `length` numbers from `first` to `last`, both included.
fn linspace(first: f64, last: f64, length: usize) -> Vec<f64> {
    (0..length).map(|index| first + (last - first) * index as f64 / (length - 1) as f64).collect()
}

/// Numbers that look random and do not repeat, from −1 to 1.
fn scattered(phase: f64, length: usize) -> Vec<f64> {
    (0..length).map(|index| (phase + 12.9898 * index as f64).sin()).collect()
}

/// The relative error of the `CS231n` notebooks: the largest |a − b| / max(1e-8, |a| + |b|).
fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs() / (a.abs() + b.abs()).max(1e-8)).fold(0.0, f64::max)
}

/// Fails unless all values agree to the last digit printed, half a `unit`.
fn assert_printed(name: &str, values: &[f64], printed: &[f64], unit: f64) {
    assert_eq!(values.len(), printed.len(), "{name}");
    let worst = values.iter().zip(printed).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= unit * 0.500_001, "{name} is off by {worst}: {values:?}");
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The gradient of `function` at `x` by central differences. They are exact but for rounding, which a wide step keeps
/// small: what is checked here is linear in every argument, as long as no other pixel becomes the maximum.
fn numeric_gradient(x: &[f64], function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 0.25;
    let mut x = x.to_vec();
    (0..x.len())
        .map(|index| {
            let original = x[index];
            x[index] = original + step;
            let above = function(&x);
            x[index] = original - step;
            let below = function(&x);
            x[index] = original;
            (above - below) / (2.0 * step)
        })
        .collect()
}

// Stanford CS231n, assignment 2, ConvolutionalNetworks notebook.

#[test]
fn cs231n_convolution_forward() {
    let geometry = square(3, 4, 3, 4, 2, 1);
    let x = linspace(-0.1, 0.5, 2 * 3 * 4 * 4);
    let weight = linspace(-0.2, 0.3, 3 * 3 * 4 * 4);
    let bias = linspace(-0.1, 0.2, 3);
    #[rustfmt::skip]
    let printed = [
        -0.0875980861, -0.1098778064, -0.1838719176, -0.2109216047,
         0.2102708870,  0.2166109680,  0.2284762606,  0.2300463747,
         0.5081398601,  0.5430997424,  0.6408244387,  0.6710143541,
        -0.9805358852, -1.0314354067, -1.1912889216, -1.2469584100,
         0.6910835480,  0.6688038278,  0.5948097166,  0.5677600294,
         2.3627029812,  2.3690430622,  2.3809083548,  2.3824784689,
    ];
    for implementation in BOTH {
        let y = implementation.conv2d(&geometry, &weight, &bias, &x);
        assert!(relative_error(&y, &printed) < 1e-7, "{implementation:?}");
        assert_printed("y", &y, &printed, 1e-10);
    }
}

#[test]
fn cs231n_max_pooling_forward() {
    let window = square_window(2 * 3, 4, 2, 2, 0);
    let x = linspace(-0.3, 0.4, 2 * 3 * 4 * 4);
    for implementation in BOTH {
        let y = implementation.max_pool2d(&window, &x);
        // Of each window, the value at its last corner.
        let corners: Vec<f64> =
            (0..6).flat_map(|channel| [5, 7, 13, 15].map(|pixel| x[16 * channel + pixel])).collect();
        assert_eq!(y, corners, "{implementation:?}");
        assert_printed("first", &y[..4], &[-0.26315789, -0.24842105, -0.20421053, -0.18947368], 1e-8);
        assert_printed("last", &y[20..], &[0.32631579, 0.34105263, 0.38526316, 0.4], 1e-8);
    }
}

#[test]
fn cs231n_convolution_gradients() {
    let geometry = square(3, 5, 2, 3, 1, 1);
    let (x, weight, bias) = (scattered(0.1, 4 * 3 * 5 * 5), scattered(0.2, 2 * 3 * 3 * 3), scattered(0.3, 2));
    let dy = scattered(0.4, 4 * 2 * 5 * 5);
    for implementation in BOTH {
        let value =
            |weight: &[f64], bias: &[f64], x: &[f64]| dot(&implementation.conv2d(&geometry, weight, bias, x), &dy);
        let gradients = implementation.conv2d_backward(&geometry, &weight, &x, &dy);
        let numeric = numeric_gradient(&x, |x| value(&weight, &bias, x));
        assert!(relative_error(&gradients.dx, &numeric) < 1e-7, "dx, {implementation:?}");
        let numeric = numeric_gradient(&weight, |weight| value(weight, &bias, &x));
        assert!(relative_error(&gradients.d_weight, &numeric) < 1e-7, "d_weight, {implementation:?}");
        let numeric = numeric_gradient(&bias, |bias| value(&weight, bias, &x));
        assert!(relative_error(&gradients.d_bias, &numeric) < 1e-7, "d_bias, {implementation:?}");
    }
}

#[test]
fn cs231n_max_pooling_gradient() {
    let window = square_window(3 * 2, 8, 2, 2, 0);
    // Integers that are all different.
    let x: Vec<f64> = (0..3 * 2 * 8 * 8).map(|index| f64::from(index * 151 % 384)).collect();
    let dy: Vec<f64> = (0..3 * 2 * 4 * 4).map(|index| f64::from(index % 7 - 3)).collect();
    for implementation in BOTH {
        let dx = implementation.max_pool2d_backward(&window, &x, &dy);
        let numeric = numeric_gradient(&x, |x| dot(&implementation.max_pool2d(&window, x), &dy));
        assert!(relative_error(&dx, &numeric) < 1e-10, "{implementation:?}");
    }
}

#[test]
fn cs231n_spatial_batch_norm() {
    let x = Batch::<Image<3, 4, 5>, f64>::from_vec(2, normal(1, 2 * 60).map(|value| 4.0 * value + 10.0).collect());
    let x = x.expect("a value for each");
    let mut model = Model::new(net!(Image<3, 4, 5> => {BatchNorm::new()}), 0).cast::<f64>();
    let (y, _) = train(&mut model, &x, &Batch::zeros(2));
    for (mean, deviation) in spread(y.as_slice(), 3, 20) {
        assert!(mean.abs() < 1e-12 && (deviation - 1.0).abs() < 2e-6, "{mean:e}, {deviation}");
    }
    model.param_mut("0.weight").expect("a weight").values.copy_from_slice(&[3.0, 4.0, 5.0]);
    model.param_mut("0.bias").expect("a bias").values.copy_from_slice(&[6.0, 7.0, 8.0]);
    let (y, _) = train(&mut model, &x, &Batch::zeros(2));
    for (channel, (mean, deviation)) in spread(y.as_slice(), 3, 20).enumerate() {
        assert!((mean - (6.0 + channel as f64)).abs() < 1e-12, "{mean}");
        assert!((deviation - (3.0 + channel as f64)).abs() < 1e-5, "{deviation}");
    }
}

#[test]
fn cs231n_spatial_batch_norm_in_evaluation() {
    let mut model = Model::new(net!(Image<4, 11, 12> => {BatchNorm::new()}), 0).cast::<f64>();
    let mut values = normal(2, usize::MAX).map(|value| 2.3 * value + 13.0);
    let mut batch = || Batch::<Image<4, 11, 12>, f64>::from_fn(10, |_, _| values.next().expect("endless numbers"));
    for _ in 0..50 {
        train(&mut model, &batch(), &Batch::zeros(10));
    }
    for (mean, deviation) in spread(model.forward(&batch()).as_slice(), 4, 132) {
        assert!(mean.abs() < 0.15 && (deviation - 1.0).abs() < 0.1, "{mean}, {deviation}");
    }
}

#[test]
fn cs231n_spatial_group_norm() {
    let x = Batch::<Image<6, 4, 5>, f64>::from_vec(2, normal(3, 2 * 120).map(|value| 4.0 * value + 10.0).collect());
    let model = Model::new(net!(Image<6, 4, 5> => {GroupNorm::<2>::new()}), 0).cast::<f64>();
    let y = model.forward(&x.expect("a value for each"));
    for group in y.as_slice().chunks_exact(60) {
        let (mean, deviation) = spread(group, 1, 60).next().expect("one group");
        assert!(mean.abs() < 1e-12 && (deviation - 1.0).abs() < 2e-6, "{mean:e}, {deviation}");
    }
}

// The notebook's gradient checks of both, at its sizes, with its numbers: x ~ N(12, 5²), weights, biases and dy ~ N(0, 1), its relative
// error, whose floor is 1e-8, and its bound.
#[test]
fn cs231n_gradients_of_spatial_norms() {
    check_norm(net!(Image<3, 4, 5> => {BatchNorm::new()}));
    check_norm(net!(Image<6, 4, 5> => {GroupNorm::<2>::new()}));
}

/// Differences over five points, so that small gradients stand out from rounding.
fn check_norm<N: Network>(network: N) {
    const STEP: f64 = 1e-3;
    let mut model = Model::new(network, 0).cast::<f64>();
    let parameters: Vec<f64> = normal(4, model.parameters().len()).collect();
    model.parameters_mut().copy_from_slice(&parameters);
    let x: Vec<f64> = normal(5, 2 * N::Input::LEN).map(|value| 5.0 * value + 12.0).collect();
    let dy = Batch::from_vec(2, normal(6, 2 * OutputOf::<N>::LEN).collect()).expect("a value for each");
    let batch = |x: &[f64]| Batch::from_vec(2, x.to_vec()).expect("a value for each");
    let gradients = train(&mut model, &batch(&x), &dy).1;
    let mut value = |parameters: &[f64], x: &[f64]| {
        model.parameters_mut().copy_from_slice(parameters);
        dot(train(&mut model, &batch(x), &dy).0.as_slice(), dy.as_slice())
    };
    let slopes = |of: &[f64], value: &mut dyn FnMut(&[f64]) -> f64| -> Vec<f64> {
        let mut moved = of.to_vec();
        let slope = |index: usize| {
            let [a, b, c, d] = [-2.0, -1.0, 1.0, 2.0].map(|steps| {
                moved[index] = of[index] + steps * STEP;
                value(&moved)
            });
            moved[index] = of[index];
            (8.0 * (c - b) - (d - a)) / (12.0 * STEP)
        };
        (0..of.len()).map(slope).collect()
    };
    let d_parameters = slopes(&parameters, &mut |parameters| value(parameters, &x));
    let dx = slopes(&x, &mut |x| value(&parameters, x));
    let errors = [
        relative_error(gradients.as_slice(), &d_parameters),
        relative_error(gradients.input().expect("the gradient of the input").as_slice(), &dx),
    ];
    assert!(errors.iter().all(|&error| error < 1e-6), "{errors:?}");
}

/// Normally distributed numbers, by Box and Muller.
fn normal(seed: u64, count: usize) -> impl Iterator<Item = f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(move |_| {
        let (radius, angle) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
        (-2.0 * radius.ln()).sqrt() * (core::f64::consts::TAU * angle).cos()
    })
}

/// The mean and the standard deviation of each channel.
fn spread(values: &[f64], channels: usize, positions: usize) -> impl Iterator<Item = (f64, f64)> {
    (0..channels).map(move |channel| {
        let of_channel: Vec<f64> =
            values.chunks_exact(positions).skip(channel).step_by(channels).flatten().copied().collect();
        let count = of_channel.len() as f64;
        let mean = of_channel.iter().sum::<f64>() / count;
        (mean, (of_channel.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt())
    })
}

// Seth Weidman, Deep Learning from Scratch, chapter 5: one-dimensional convolution, here of an image one pixel high.

#[test]
fn weidman_one_dimensional_convolution() {
    let window = Window2d::new(1, [1, 5], [1, 3], [1, 1], [0, 1], [1, 1]).expect("a fitting window");
    let geometry = Conv2dGeometry { window, filters: 1, groups: 1 };
    for implementation in BOTH {
        let sum =
            |weight: [f64; 3], x: [f64; 5]| implementation.conv2d(&geometry, &weight, &[], &x).iter().sum::<f64>();
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(implementation.conv2d(&geometry, &[1.0; 3], &[], &x), [3.0, 6.0, 9.0, 12.0, 9.0]);
        assert_eq!(sum([1.0; 3], x), 39.0);
        assert_eq!(sum([1.0; 3], [1.0, 2.0, 3.0, 4.0, 6.0]), 41.0);
        assert_eq!(sum([2.0, 1.0, 1.0], x), 49.0);
        let gradients = implementation.conv2d_backward(&geometry, &[1.0; 3], &x, &[1.0; 5]);
        assert_eq!(gradients.dx[4], 2.0);
        assert_eq!(gradients.d_weight[0], 10.0);
    }
}

// Computer Vision in Action, chapter 2: a convolution layer by hand, trained one step.

#[test]
fn hand_written_cnn() {
    let geometry = square(3, 5, 2, 3, 2, 1);
    #[rustfmt::skip]
    let x = [
        0, 1, 1, 0, 2,  2, 2, 2, 2, 1,  1, 0, 0, 2, 0,  0, 1, 1, 0, 0,  1, 2, 0, 0, 2,
        1, 0, 2, 2, 0,  0, 0, 0, 2, 0,  1, 2, 1, 2, 1,  1, 0, 0, 0, 0,  1, 2, 1, 1, 1,
        2, 1, 2, 0, 0,  1, 0, 0, 1, 0,  0, 2, 1, 0, 1,  0, 1, 2, 2, 2,  2, 1, 0, 0, 1,
    ].map(f64::from);
    #[rustfmt::skip]
    let mut weight = [
        -1, 1, 0,  0, 1, 0,  0, 1, 1,    -1, -1, 0,  0, 0, 0,  0, -1, 0,    0, 0, -1,  0, 1, 0,  1, -1, -1,
        1, 1, -1,  -1, -1, 1,  0, -1, 1,  0, 1, 0,  -1, 0, -1,  -1, 1, 0,  -1, 0, 0,  -1, 0, 1,  -1, 0, 0,
    ].map(f64::from);
    let mut bias = [1.0, 0.0];
    let dy = [0, 1, 1, 2, 2, 2, 1, 0, 0, 1, 0, 2, 0, 0, 0, 1, 2, 1].map(f64::from);
    let y = [6, 7, 5, 3, -1, -1, 2, -1, 4, 2, -5, -8, 1, -4, -4, 0, -5, -5].map(f64::from);
    #[rustfmt::skip]
    let dx = [
        -1, 1, 1, -2, -1,   1, -1, 3, -1, 1,     2, 0, 2, 0, 2,  4, 3, 4, 1, 3,       0, -1, -2, 1, -1,
        0, -1, 0, -2, 0,    -1, -2, -3, -4, -1,  0, 0, 0, 0, 0,  -2, 0, 0, 0, -1,     0, -3, 0, -3, 0,
        0, 1, 1, -2, 1,     0, -1, -1, -4, -1,   2, 0, 2, 0, 2,  -2, -3, -2, -1, -2,  1, -1, 0, 1, 0,
    ].map(f64::from);
    #[rustfmt::skip]
    let updated_weight = [
        -1.008, 0.990, -0.009,  -0.005, 0.994, -0.006,   -0.006, 0.995, 0.996,
        -1.004, -1.001, -0.004, -0.010, -0.009, -0.012,  -0.002, -1.002, -0.002,
        -0.002, -0.002, -1.003, -0.005, 0.992, -0.005,   0.993, -1.008, -1.007,
        0.998, 0.998, -1.001,   -1.004, -1.007, 0.997,   -0.004, -1.004, 0.998,
        0.000, 0.999, 0.000,    -1.009, -0.005, -1.004,  -1.004, 1.000, 0.000,
        -1.004, -0.006, -0.005, -1.002, -0.005, 0.998,   -1.002, -0.001, 0.000,
    ];
    let updated_bias = [0.991, -0.007];

    let (initial_weight, initial_bias) = (weight, bias);
    for implementation in BOTH {
        (weight, bias) = (initial_weight, initial_bias);
        assert_eq!(implementation.conv2d(&geometry, &weight, &bias, &x), y, "{implementation:?}");
        let gradients = implementation.conv2d_backward(&geometry, &weight, &x, &dy);
        assert_eq!(gradients.dx, dx, "{implementation:?}");
        let learning_rate = 0.001;
        weight.iter_mut().zip(&gradients.d_weight).for_each(|(weight, gradient)| *weight -= learning_rate * gradient);
        bias.iter_mut().zip(&gradients.d_bias).for_each(|(bias, gradient)| *bias -= learning_rate * gradient);
        assert_printed("weight", &weight, &updated_weight, 1e-12);
        assert_printed("bias", &bias, &updated_bias, 1e-12);
    }
}

#[test]
fn two_kernels_on_a_4x4_image_give_two_3x3_maps() {
    let geometry = square(1, 4, 2, 2, 1, 0);
    assert_eq!((geometry.filters, geometry.window.output), (2, [3, 3]));
    let x: Vec<f64> = (0..16).map(f64::from).collect();
    for implementation in BOTH {
        // The upper left pixel of each window, and the sum of its diagonal.
        let maps = implementation.conv2d(&geometry, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0], &[], &x);
        let upper_left = [0.0, 1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0];
        assert_eq!(maps[..9], upper_left, "{implementation:?}");
        assert_eq!(maps[9..], upper_left.map(|value| 2.0 * value + 5.0), "{implementation:?}");
    }
}

// A NumPy CNN after Koki Saitoh, Deep Learning from Scratch: im2col, col2im and SimpleConvNet.

#[test]
fn saitoh_im2col_and_col2im() {
    let window = square_window(3, 7, 5, 1, 0);
    let x = linspace(0.0, 1.0, window.input_len());
    let columns = reference::im2col(&window, &x);
    assert_eq!(columns.len(), (3 * 3) * (3 * 5 * 5)); // (OH·OW, C·FH·FW) of one sample

    // The round trip gives each pixel once for every window that covers it.
    let cover = reference::col2im(&window, &vec![1.0; columns.len()]);
    let along: [f64; 7] = [1.0, 2.0, 3.0, 3.0, 3.0, 2.0, 1.0];
    let expected: Vec<f64> =
        [along; 3].iter().flat_map(|_| along.map(|row| along.map(|column| row * column))).flatten().collect();
    assert_eq!(cover, expected);
    let expected: Vec<f64> = x.iter().zip(&cover).map(|(x, cover)| x * cover).collect();
    assert!(relative_error(&reference::col2im(&window, &columns), &expected) < 1e-14);
}

#[test]
fn saitoh_simple_conv_net_pools_4320_features() {
    let geometry = square(1, 28, 30, 5, 1, 0);
    let [rows, columns] = geometry.window.output;
    assert_eq!([rows, columns], [24, 24]);
    let pooled = square_window(geometry.filters, rows, 2, 2, 0);
    assert_eq!(pooled.channels * pooled.positions(), 4320);
}
