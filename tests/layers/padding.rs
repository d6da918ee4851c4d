//! Convolutions padded differently on each of their four sides, on every path that they take, against the textbook loops.

use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::direct::Direct;
use shapewright::kernels::window::Window2d;
use shapewright::kernels::winograd::Winograd;
use shapewright::layer::{Layer, Prepared};
use shapewright::prelude::*;
use shapewright::{Network, OutputOf, Shape, reference};

/// Multiples of 2⁻¹² from −1/4 to 1/4 that look random.
fn numbers(salt: usize) -> impl FnMut(usize) -> f64 {
    move |index| (((index * 7919 + salt * 104_729) % 2003) as f64 - 1001.0) / 4096.0
}

/// The geometry of a convolution by plain arithmetic; sides are top, left, bottom, right.
fn geometry(
    input: &[usize],
    filters: usize,
    stride: usize,
    dilation: usize,
    groups: usize,
    [top, left, bottom, right]: [usize; 4],
) -> Conv2dGeometry {
    let [channels, height, width] = *input else { panic!("an image has three sizes") };
    let slid = |size: usize| (size - 2 * dilation - 1) / stride + 1;
    let window = Window2d {
        channels,
        input: [height, width],
        kernel: [3; 2],
        stride: [stride; 2],
        padding: [top, left],
        dilation: [dilation; 2],
        output: [slid(top + height + bottom), slid(left + width + right)],
    };
    Conv2dGeometry { window, filters, groups }
}

fn check_equal(name: &str, fast: &[f64], loops: &[f64]) {
    assert_eq!(fast.len(), loops.len(), "{name}");
    for (index, (fast, loops)) in fast.iter().zip(loops).enumerate() {
        assert!(
            (fast - loops).abs() <= 1e-12 * loops.abs().max(1.0),
            "{name}[{index}] is {fast}, the loops say {loops}"
        );
    }
}

/// The network of one convolution is what the loops of its geometry say, forward and backward.
fn check<N: Network>(network: N, geometry: &Conv2dGeometry) {
    const SAMPLES: usize = 3;
    assert_eq!(OutputOf::<N>::DIMS, [geometry.filters, geometry.window.output[0], geometry.window.output[1]]);
    let mut model = Model::new(network, 0).cast::<f64>();
    let parameters: Vec<f64> = (0..model.parameters().len()).map(numbers(3)).collect();
    model.parameters_mut().copy_from_slice(&parameters);
    let [mut x, mut dy] = [1, 2].map(numbers);
    let x = Batch::<N::Input, f64>::from_fn(SAMPLES, |sample, index| x(sample * N::Input::LEN + index));
    let dy = Batch::<OutputOf<N>, f64>::from_fn(SAMPLES, |sample, index| dy(sample * OutputOf::<N>::LEN + index));
    let (weight, bias) = parameters.split_at(geometry.weight_len());

    let (mut y, mut dx) = (vec![f64::NAN; dy.as_slice().len()], vec![f64::NAN; x.as_slice().len()]);
    let (mut d_weight, mut d_bias) = (vec![0.0; weight.len()], vec![0.0; bias.len()]);
    for sample in 0..SAMPLES {
        let (from, to) = (sample * N::Input::LEN, sample * OutputOf::<N>::LEN);
        let (y, dx) = (&mut y[to..][..OutputOf::<N>::LEN], &mut dx[from..][..N::Input::LEN]);
        reference::conv2d(geometry, weight, bias, x.sample(sample), y);
        let (x, dy) = (x.sample(sample), dy.sample(sample));
        reference::conv2d_backward(geometry, weight, x, dy, Some(dx), &mut d_weight, &mut d_bias);
    }
    check_equal("y", model.forward(&x).as_slice(), &y);
    let gradients = model.backward(&x, &dy);
    check_equal("dx", gradients.input().expect("the gradient of the input").as_slice(), &dx);
    check_equal("d_weight", &gradients.as_slice()[..weight.len()], &d_weight);
    check_equal("d_bias", &gradients.as_slice()[weight.len()..], &d_bias);
}

/// What a network's layers keep of their weights, which tells the path.
fn prepared<N: Network>(_: &N) -> Prepared {
    <N as Layer<N::Input>>::PREPARED
}

fn winograd(geometry: &Conv2dGeometry) -> Prepared {
    Winograd::new(geometry).expect("3×3, stride 1").packed()
}

fn direct(geometry: &Conv2dGeometry) -> Prepared {
    Direct::new(geometry).expect("less padding than kernel").packed()
}

macro_rules! sides {
    ($($test:ident: $path:expr, $c:literal $h:literal $w:literal => conv($($argument:tt)*),
        $filters:literal $stride:literal $dilation:literal $groups:literal, $sides:expr;)*) => { $(
        #[test]
        fn $test() {
            let geometry = geometry(&[$c, $h, $w], $filters, $stride, $dilation, $groups, $sides);
            let network = net!(Image<$c, $h, $w> => conv($($argument)*));
            let path: fn(&Conv2dGeometry) -> Prepared = $path;
            check(network, &geometry);
            assert_eq!(prepared(&network), path(&geometry));
        }
    )* };
}

sides! {
    winograd_of_four_sides: winograd, 16 7 9 => conv(16, k3, pad(2, 0, 1, 2)), 16 1 1 1, [2, 0, 1, 2];
    winograd_of_four_other_sides: winograd, 16 7 9 => conv(17, k3, pad(0, 1, 2, 0)), 17 1 1 1, [0, 1, 2, 0];
    a_kernel_behind: |_| Prepared::NONE, 16 5 6 => conv(16, k3, pad(0, 2, 3, 4)), 16 1 1 1, [0, 2, 3, 4];
    more_than_a_kernel_behind: |_| Prepared::NONE, 16 4 5 => conv(16, k3, pad(1, 0, 9, 12)), 16 1 1 1, [1, 0, 9, 12];
    far_behind: |_| Prepared::NONE, 16 4 5 => conv(16, k3, pad(1, 0, 0, 200)), 16 1 1 1, [1, 0, 0, 200];
    more_than_a_kernel_before: |_| Prepared::NONE, 16 4 5 => conv(16, k3, pad(5, 4, 0, 1)), 16 1 1 1, [5, 4, 0, 1];
    direct_of_four_sides: direct, 3 7 18 => conv(5, k3, pad(2, 0, 1, 2)), 5 1 1 1, [2, 0, 1, 2];
    direct_with_a_stride: direct, 3 7 37 => conv(5, k3, s2, pad(1, 2, 0, 1)), 5 2 1 1, [1, 2, 0, 1];
    columns_with_a_dilation: |_| Prepared::NONE, 3 7 9 => conv(5, k3, dil2, pad(0, 1, 3, 2)), 5 1 2 1, [0, 1, 3, 2];
    columns_of_groups: |_| Prepared::NONE, 4 7 9 => conv(6, k3, groups2, pad(3, 0, 1, 2)), 6 1 1 2, [3, 0, 1, 2];
}
