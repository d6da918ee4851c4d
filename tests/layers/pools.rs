//! Pools, and what changes nothing but the grid: against PyTorch, against the textbook loops, and against differences.

use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::kernels::avg_pool2d::{AvgPool2dGeometry, avg_pool2d, avg_pool2d_backward};
use shapewright::kernels::rows;
use shapewright::kernels::simd::Level;
use shapewright::kernels::window::Window2d;
use shapewright::prelude::*;
use shapewright::{
    AdaptiveAvgPool, AvgPool2d, Ceil, CountPadding, Dilation, Element, Floor, GlobalAvgPool, GlobalMaxPool, In, Kernel,
    MaxPool2d, OutputOf, Pad, Same, Shape, SkipPadding, Stride, Subsample, Upsample, ZeroPad, reference,
};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/pools.safetensors"));

type K<const N: usize> = Kernel<N, N>;
type S<const N: usize> = Stride<N, N>;
type P<const N: usize> = Pad<N, N>;
type D<const N: usize> = Dilation<N, N>;
type MaxCeil<K, S, P = Pad<0, 0>, D = Dilation<1, 1>> = MaxPool2d<K, S, P, D, Ceil>;
type AvgSkip<K, S, P, R = Floor> = AvgPool2d<K, S, P, R, SkipPadding>;
type AvgCeil<K, S, P> = AvgPool2d<K, S, P, Ceil>;

fixtures! { FIXTURES.check:
    max_pools {
        "max": Image<2, 7, 7> => MaxPool2d::<K<3>, S<2>, P<1>>::new();
        "max.halves": Image<2, 6, 6> => pool2;
        "max.ceil": Image<2, 6, 7> => MaxCeil::<K<3>, S<2>>::new();
        "max.ceil_padded": Image<2, 6, 8> => MaxCeil::<K<3>, S<2>, P<1>>::new();
        "max.ceil_left_out": Image<2, 5, 7> => MaxCeil::<K<2>, S<3>, P<1>>::new();
        "max.ceil_beyond": Image<2, 2, 4> => MaxCeil::<K<3>, S<3>>::new();
        "max.dilated": Image<2, 8, 9> => MaxPool2d::<K<3>, S<2>, P<1>, D<2>>::new();
        "max.dilated_ceil": Image<2, 9, 11> => MaxCeil::<Kernel<3, 2>, Stride<2, 3>, P<1>, Dilation<2, 3>>::new();
        "max.rectangular": Image<2, 5, 8> => MaxPool2d::<Kernel<2, 3>, Stride<1, 2>, Pad<0, 1>>::new();
        "max.halves_ceil": Image<2, 7, 5> => MaxCeil::<K<2>, S<2>>::new();
        "max.sequence": Sequence<3, 11> => MaxPool2d::<K<3>, S<2>, P<1>>::new();
        "max.sequence_halves": Sequence<3, 9> => MaxPool2d::<K<2>, S<2>>::new();
        "max.sequence_dilated": Sequence<3, 14> => MaxCeil::<K<3>, S<2>, P<1>, D<3>>::new();
    }
    average_pools {
        "average.halves": Image<2, 6, 7> => AvgPool2d::<K<2>, S<2>>::new();
        "average.halves_wide": Image<2, 4, 37> => AvgPool2d::<K<2>, S<2>>::new();
        "average.halves_ceil": Image<2, 7, 5> => AvgCeil::<K<2>, S<2>, P<0>>::new();
        "average.overlapping": Image<2, 8, 9> => AvgPool2d::<K<3>, S<2>>::new();
        "average.padded": Image<2, 5, 6> => AvgPool2d::<K<3>, S<1>, P<1>>::new();
        "average.skips": Image<2, 5, 6> => AvgSkip::<K<3>, S<1>, P<1>>::new();
        "average.ceil": Image<2, 6, 8> => AvgCeil::<K<3>, S<2>, P<1>>::new();
        "average.ceil_skips": Image<2, 6, 8> => AvgSkip::<K<3>, S<2>, P<1>, Ceil>::new();
        "average.ceil_left_out": Image<2, 5, 7> => AvgCeil::<K<2>, S<3>, P<1>>::new();
        "average.rectangular": Image<2, 5, 7> => AvgPool2d::<Kernel<3, 2>, Stride<1, 2>, Pad<1, 0>>::new();
        "average.rows": Image<3, 6, 7> => AvgPool2d::<Kernel<2, 7>, Stride<2, 7>>::new();
        "average.pairs_of_three": Image<3, 7, 8> => AvgPool2d::<Kernel<3, 2>, Stride<3, 2>>::new();
        "average.sequence": Sequence<3, 10> => AvgPool2d::<K<3>, S<2>, P<1>>::new();
        "average.sequence_skips": Sequence<3, 12> => AvgSkip::<K<4>, S<3>, P<2>, Ceil>::new();
        "average.sequence_halves": Sequence<3, 9> => AvgPool2d::<K<2>, S<2>>::new();
    }
    global_pools {
        "global.average": Image<18, 3, 5> => GlobalAvgPool::new();
        "global.average_sequence": Sequence<3, 70> => GlobalAvgPool::new();
        "global.max": Image<18, 3, 5> => GlobalMaxPool::new();
        "global.max_sequence": Sequence<3, 70> => GlobalMaxPool::new();
    }
    adaptive_pools {
        "adaptive": Image<2, 9, 8> => AdaptiveAvgPool::<3, 2>::new();
        "adaptive.same": Image<2, 4, 5> => AdaptiveAvgPool::<4, 5>::new();
        "adaptive.sequence": Sequence<3, 12> => AdaptiveAvgPool::<4, 4>::new();
    }
    subsampling {
        "subsample": Image<3, 5, 6> => Subsample::<S<2>>::new();
        "subsample.appends": Image<3, 5, 6> => Subsample::<S<2>, In<8>>::new();
        "subsample.sequence": Sequence<3, 10> => Subsample::<S<3>, In<5>>::new();
    }
    zero_padding {
        "zero_pad": Image<2, 3, 4> => ZeroPad::<1, 3, 2, 0>::new();
        "zero_pad.sequence": Sequence<2, 5> => ZeroPad::<3, 3, 1, 1>::new();
    }
    upsampling {
        "upsample": Image<1, 2, 19> => Upsample::<2>::new();
        "upsample.three": Image<3, 2, 4> => Upsample::<3>::new();
        "upsample.sequence": Sequence<3, 7> => Upsample::<2>::new();
    }
}

mod gradients {
    #[allow(clippy::wildcard_imports)] // the types of the lines below
    use super::*;

    gradient_checks! {
        max_ceil: Image<2, 6, 7> => MaxCeil::<K<3>, S<2>, P<1>>::new(), 2;
        max_dilated: Image<2, 8, 8> => MaxPool2d::<K<3>, S<2>, P<1>, D<2>>::new(), 2;
        max_of_a_sequence: Sequence<3, 11> => MaxPool2d::<K<3>, S<2>, P<1>>::new(), 3;
        average_halves: Image<2, 5, 6> => AvgPool2d::<K<2>, S<2>>::new(), 2;
        average_same: Image<2, 5, 6> => AvgPool2d::<K<3>, S<2>, Same>::new(), 2;
        average_ceil: Image<2, 6, 8> => AvgCeil::<K<3>, S<2>, P<1>>::new(), 2;
        average_skips: Image<2, 6, 8> => AvgSkip::<K<3>, S<2>, P<1>, Ceil>::new(), 2;
        average_of_a_sequence: Sequence<2, 9> => AvgPool2d::<K<3>, S<2>, P<1>>::new(), 2;
        global_average: Image<3, 4, 5> => global_avgpool, 2;
        global_maximum: Image<3, 4, 5> => global_maxpool, 2;
        global_maximum_before_relu: Image<3, 4, 5> => global_maxpool >> relu >> flatten >> dense!(2), 2;
        adaptive: Image<2, 6, 4> => AdaptiveAvgPool::<3, 2>::new(), 2;
        subsample: Image<2, 5, 6> => Subsample::<S<2>, In<5>>::new(), 2;
        zero_pad: Image<2, 3, 4> => ZeroPad::<1, 2, 0, 3>::new(), 2;
        upsample: Image<2, 3, 4> => Upsample::<3>::new(), 2;
        upsample_a_sequence: Sequence<2, 5> => Upsample::<2>::new(), 2;
        sequence_to_classes: Sequence<2, 12> =>
            AvgPool2d::<K<2>, S<2>>::new() >> relu >> MaxPool2d::<K<3>, S<3>>::new() >> flatten >> dense!(3), 2;
    }
}

// The kernels against the textbook loops.

fn draw<E: Element>(seed: u64, length: usize) -> Vec<E> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..length).map(|_| E::from_f64(rng.random_range(-1.0..1.0))).collect()
}

fn close<E: Element>(a: &[E], b: &[E]) -> bool {
    let tolerance = if E::epsilon().as_f64() < 1e-10 { 1e-12 } else { 1e-5 };
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| a == b || (a - b).abs().as_f64() <= tolerance)
}

/// Averages over windows of every kind: any, with and without padding and rounded up; of two columns; of whole rows.
fn averages() -> impl Strategy<Value = AvgPool2dGeometry> {
    let axis = (1..=5_usize, 1..=4_usize, 0..=4_usize, 0..=6_usize, any::<bool>());
    let all_kinds = (1..=3_usize, axis.clone(), axis, any::<bool>()).prop_map(|(channels, rows, columns, skips)| {
        let axis = |(kernel, stride, padding, extra, ceil): (usize, usize, usize, usize, bool)| {
            let padding = padding.min(kernel / 2);
            let input = (kernel - 2 * padding).max(1) + extra;
            [input, kernel, stride, padding, positions(input, kernel, stride, padding, 1, ceil)]
        };
        let (rows, columns) = (axis(rows), axis(columns));
        let [input, kernel, stride, padding, output] = [0, 1, 2, 3, 4].map(|field| [rows[field], columns[field]]);
        let window = Window2d { channels, input, kernel, stride, padding, dilation: [1; 2], output };
        if skips { AvgPool2dGeometry::skip_padding(window) } else { AvgPool2dGeometry::count_padding(window, padding) }
    });
    let side_by_side = (1..=20_usize, [1..=3_usize, 1..=3], [1..=70_usize, 0..=2], any::<bool>());
    let side_by_side = side_by_side.prop_map(|(channels, [rows, down], [width, rest], whole_rows)| {
        let (input, kernel) = if whole_rows {
            ([rows * down, width], [rows, width])
        } else {
            ([rows * down + rest, width + 1], [rows, 2])
        };
        AvgPool2dGeometry::skip_padding(Window2d::tiles(channels, input, kernel))
    });
    prop_oneof![all_kinds, side_by_side]
}

fn check_average<E: Element>(geometry: &AvgPool2dGeometry, seed: u64) -> Result<(), TestCaseError> {
    let window = &geometry.window;
    let (x, dy): (Vec<E>, Vec<E>) =
        (draw(seed, window.input_len()), draw(seed + 1, window.channels * window.positions()));
    let (mut y, mut dx) = (vec![E::nan(); dy.len()], vec![E::nan(); x.len()]);
    reference::avg_pool2d(geometry, &x, &mut y);
    reference::avg_pool2d_backward(geometry, &dy, &mut dx);
    for level in Level::available() {
        let (mut fast, mut fast_dx) = (vec![E::nan(); dy.len()], vec![E::nan(); x.len()]);
        avg_pool2d(level, geometry, &x, &mut fast);
        avg_pool2d_backward(level, geometry, &mut dy.clone(), &mut fast_dx);
        prop_assert!(close(&fast, &y), "{:?}: {:?} is not {:?}", level, fast, y);
        prop_assert!(close(&fast_dx, &dx), "{:?}: {:?} is not {:?}", level, fast_dx, dx);
    }
    Ok(())
}

fn check_rows<E: Element>(count: usize, length: usize, seed: u64) -> Result<(), TestCaseError> {
    let mut x: Vec<E> = draw(seed, count * length);
    for level in Level::available() {
        let mut y = vec![E::nan(); count];
        rows::sums(level, length, E::one(), &x, &mut y);
        let sums: Vec<E> = x.chunks_exact(length).map(|row| row.iter().copied().sum()).collect();
        prop_assert!(y.iter().zip(&sums).all(|(&y, &sum)| (y - sum).abs().as_f64() < 1e-4), "{:?}: sums", level);
        rows::maxima(level, length, &x, &mut y);
        let maxima: Vec<E> = x.chunks_exact(length).map(|row| row.iter().copied().fold(row[0], E::max)).collect();
        prop_assert_eq!(&y, &maxima);
    }
    let poisoned = usize::try_from(seed % x.len() as u64).unwrap();
    x[poisoned] = E::nan();
    for level in Level::available() {
        let mut y = vec![E::zero(); count];
        rows::maxima(level, length, &x, &mut y);
        prop_assert!(y.iter().enumerate().all(|(row, y)| y.is_nan() == (row == poisoned / length)), "{:?}", level);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn averages_agree(geometry in averages(), seed in 0..1_u64 << 32) {
        check_average::<f64>(&geometry, seed)?;
        check_average::<f32>(&geometry, seed)?;
    }

    #[test]
    fn rows_agree(count in 1..40_usize, length in 1..200_usize, seed in 0..1_u64 << 32) {
        check_rows::<f64>(count, length, seed)?;
        check_rows::<f32>(count, length, seed)?;
    }
}

// The sizes that the types give.

/// PyTorch's `pooling_output_shape`, line by line.
fn positions(size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize, ceil: bool) -> usize {
    let room = size + 2 * padding + if ceil { stride - 1 } else { 0 } - dilation * (kernel - 1) - 1;
    let mut positions = room / stride + 1;
    if ceil && (positions - 1) * stride >= size + padding {
        positions -= 1;
    }
    positions
}

#[test]
fn types_round_up_as_pytorch_does() {
    macro_rules! sizes {
        ($($size:literal)*) => { $(
            sizes!(of $size: 1 1 0 1, 2 1 1 1, 2 2 0 1, 2 2 1 1, 2 3 1 1, 3 2 0 1, 3 2 1 1, 3 3 1 1, 3 5 1 1, 4 3 2 1);
            sizes!(of $size: 5 4 2 1, 2 2 1 3, 3 2 1 2, 3 4 2 2);
        )* };
        (of $size:literal: $($kernel:literal $stride:literal $padding:literal $dilation:literal),*) => { $(
            type_is::<$size, $kernel, $stride, $padding, $dilation, Ceil, _>(true);
            type_is::<$size, $kernel, $stride, $padding, $dilation, Floor, _>(false);
        )* };
    }
    /// The layer is made for the size, and gives what PyTorch does.
    fn type_is<const N: usize, const KERNEL: usize, const STRIDE: usize, const PAD: usize, const DIL: usize, R, O>(
        ceil: bool,
    ) where
        Sequence<1, N>: Shape,
        MaxPool2d<K<KERNEL>, S<STRIDE>, P<PAD>, D<DIL>, R>: Layer<Sequence<1, N>, Output = O>,
        O: Shape,
    {
        assert_eq!(O::LEN, positions(N, KERNEL, STRIDE, PAD, DIL, ceil), "{N} {KERNEL} {STRIDE} {PAD} {DIL} {ceil}");
    }
    use shapewright::Layer;
    sizes!(6 7 8 9);
}

// Single cases.

fn through<N: shapewright::Network>(network: N, x: &[f32]) -> Vec<f32> {
    let samples = x.len() / N::Input::LEN;
    let model = Model::new(network, 0);
    model.forward(&Batch::from_vec(samples, x.to_vec()).expect("whole samples")).as_slice().to_vec()
}

#[test]
fn nan_and_infinity_pass() {
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    let y = through(GlobalMaxPool.on::<Image<1, 1, 3>>(), &[0.0, nan, inf, -inf, -inf, -inf, -1.0, -inf, -2.0]);
    assert!(y[0].is_nan() && y[1..] == [-inf, -1.0]);
    let y = through(GlobalAvgPool.on::<Image<1, 1, 2>>(), &[inf, 1.0, inf, -inf]);
    assert!(y[0] == inf && y[1].is_nan());
    let y = through(Upsample::<2>::new().on::<Sequence<1, 2>>(), &[nan, inf]);
    assert!(y[0].is_nan() && y[1].is_nan() && y[2..] == [inf, inf]);
    let y = through(AvgPool2d::<K<2>, S<2>>::new().on::<Image<1, 2, 2>>(), &[inf, 1.0, 1.0, 1.0]);
    assert_eq!(y, [inf]);
}

#[test]
fn the_first_maximum_of_all_takes_the_gradient() {
    let mut model = Model::new(GlobalMaxPool.on::<Sequence<3, 70>>(), 0).cast::<f64>();
    let mut x = Batch::<Sequence<3, 70>, f64>::zeros(1);
    (x.as_mut_slice()[40], x.as_mut_slice()[41], x.as_mut_slice()[70 + 69]) = (1.0, 1.0, f64::NAN);
    let dy = Batch::<Sequence<3, 1>, f64>::from([[[5.0], [7.0], [9.0]]]);
    let gradients = model.backward(&x, &dy);
    let dx = gradients.input().expect("the gradient of the input").as_slice();
    let routed: Vec<(usize, f64)> = dx.iter().copied().enumerate().filter(|(_, dx)| *dx != 0.0).collect();
    assert_eq!(routed, [(40, 5.0), (70 + 69, 7.0), (140, 9.0)]);
}

#[test]
fn one_pixel_and_no_sample() {
    assert_eq!(through(GlobalAvgPool.on::<Image<2, 1, 1>>(), &[3.0, 4.0]), [3.0, 4.0]);
    assert_eq!(through(AvgPool2d::<K<3>, S<1>, P<1>>::new().on::<Image<1, 1, 1>>(), &[9.0]), [1.0]);
    assert_eq!(through(AvgSkip::<K<3>, S<1>, P<1>>::new().on::<Image<1, 1, 1>>(), &[9.0]), [9.0]);
    assert_eq!(through(ZeroPad::<0, 0, 0, 0>::new().on::<Image<1, 1, 1>>(), &[9.0]), [9.0]);
    assert_eq!(through(Subsample::<S<5>>::new().on::<Image<1, 1, 1>>(), &[9.0]), [9.0]);
    assert_eq!(through(Upsample::<1>::new().on::<Image<1, 1, 1>>(), &[9.0]), [9.0]);
    assert!(through(GlobalMaxPool.on::<Image<2, 3, 3>>(), &[]).is_empty());
    assert!(through(AvgPool2d::<K<2>, S<2>>::new().on::<Image<2, 3, 3>>(), &[]).is_empty());
}

#[test]
fn padding_as_needed_counts_as_padding() {
    // Of 3 columns in windows of 2, one column of padding lies behind.
    type Counts = AvgPool2d<Kernel<1, 2>, Stride<1, 2>, Same, Floor, CountPadding>;
    type Skips = AvgPool2d<Kernel<1, 2>, Stride<1, 2>, Same, Floor, SkipPadding>;
    assert_eq!(through(Counts::new().on::<Image<1, 1, 3>>(), &[2.0, 4.0, 6.0]), [3.0, 3.0]);
    assert_eq!(through(Skips::new().on::<Image<1, 1, 3>>(), &[2.0, 4.0, 6.0]), [3.0, 6.0]);
}

#[test]
fn stages_over_sequences_are_called_so() {
    use shapewright::dsl::{flatten, global_avgpool};
    let chain = MaxPool2d::<K<2>, S<2>>::new() >> AvgPool2d::<K<3>, S<1>>::new() >> global_avgpool >> flatten;
    let model = Model::new(chain.on::<Sequence<2, 12>>(), 0);
    let summary = model.summary().to_string();
    assert!(["MaxPool1d", "AvgPool1d", "GlobalAvgPool"].iter().all(|name| summary.contains(name)), "{summary}");
    let model = Model::new(chain.on::<Image<2, 12, 12>>(), 0);
    assert!(model.summary().to_string().contains("MaxPool2d"));
    assert_eq!(output_length(&model), 2);
}

fn output_length<N: shapewright::Network>(_: &Model<N>) -> usize {
    OutputOf::<N>::LEN
}
