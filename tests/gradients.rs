//! Every layer's backward pass against central differences in f64: each parameter and the input.

use proptest::prelude::*;
use shapewright::prelude::*;
use shapewright::{Network, OutputOf, Shape};

/// Differences of Σ y·dy against the analytic gradients, for every parameter and every input value.
///
/// Returns the largest |a − b| / max(1e-3, |a| + |b|): the floor keeps the rounding of near-zero gradients out.
fn worst_error<N: Network>(network: N, samples: usize, seed: u64) -> f64 {
    const STEP: f64 = 1e-5;
    let mut model = Model::new(network, seed).cast::<f64>();
    for (index, value) in model.parameters_mut().iter_mut().enumerate() {
        *value += 0.1 * noise(seed, 3, index); // biases, too, differ from zero
    }
    let x = Batch::<N::Input, f64>::from_fn(samples, |sample, index| noise(seed, sample, index));
    let dy = Batch::<OutputOf<N>, f64>::from_fn(samples, |sample, index| noise(seed + 1, sample, index));
    let value = |model: &Model<N, f64>, x: &Batch<N::Input, f64>| -> f64 {
        model.forward(x).as_slice().iter().zip(dy.as_slice()).map(|(y, dy)| y * dy).sum()
    };
    let gradients = model.backward(&x, &dy);
    let mut worst: f64 = 0.0;
    let here = value(&model, &x);
    // A kink may lie within a step: on one side of it the slope is still the one that was asked for.
    let mut compare = |analytic: f64, above: f64, below: f64| {
        let slopes = [(above - below) / (2.0 * STEP), (above - here) / STEP, (here - below) / STEP];
        let errors = slopes.map(|slope| (analytic - slope).abs() / (analytic.abs() + slope.abs()).max(1e-3));
        worst = worst.max(errors.into_iter().fold(f64::INFINITY, f64::min));
    };
    for index in 0..model.parameters().len() {
        let start = model.parameters()[index];
        model.parameters_mut()[index] = start + STEP;
        let above = value(&model, &x);
        model.parameters_mut()[index] = start - STEP;
        let below = value(&model, &x);
        model.parameters_mut()[index] = start;
        compare(gradients.as_slice()[index], above, below);
    }
    let input = gradients.input().expect("backward gives the gradient of the input");
    let mut moved = x.clone();
    for index in 0..x.as_slice().len() {
        moved.as_mut_slice()[index] = x.as_slice()[index] + STEP;
        let above = value(&model, &moved);
        moved.as_mut_slice()[index] = x.as_slice()[index] - STEP;
        let below = value(&model, &moved);
        moved.as_mut_slice()[index] = x.as_slice()[index];
        compare(input.as_slice()[index], above, below);
    }
    worst
}

/// A number in (−1, 1) that no other index has: no ties, nothing within 1e-4 of a kink by chance of a grid.
fn noise(seed: u64, sample: usize, index: usize) -> f64 {
    let mut bits = (seed << 40) ^ ((sample as u64) << 24) ^ index as u64;
    for _ in 0..3 {
        bits = (bits ^ (bits >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

macro_rules! checks {
    ($($name:ident: $input:ty => $chain:expr, $samples:expr;)*) => { $(
        #[test]
        fn $name() {
            use shapewright::dsl::*;
            let error = worst_error(($chain).on::<$input>(), $samples, 7);
            assert!(error < 1e-7, "{error:e}");
        }
    )* };
}

checks! {
    conv: Image<3, 5, 5> => conv!(3=>2, k3, pad1), 4;
    conv_without_bias: Image<2, 4, 4> => conv!(2=>3, k2, nobias), 2;
    conv_rectangular: Image<2, 6, 5> => conv!(2=>3, k(3, 2), stride(2, 1), pad(1, 0), dilation(1, 2)), 2;
    conv_groups: Image<4, 5, 5> => conv!(4=>6, k3, groups2), 2;
    conv_same: Image<2, 5, 6> => conv!(2=>2, k4, same), 1;
    conv_wide: Image<2, 4, 19> => conv!(2=>3, k3, pad1) >> relu, 3;
    conv_wide_same: Image<2, 3, 12> => conv!(2=>9, k(2, 4), same), 2;
    conv_pointwise: Image<3, 4, 4> => conv!(3=>5, k1), 3;
    conv_whole: Image<2, 3, 3> => conv!(2=>4, k5, pad1), 2;
    conv_stride_beyond_kernel: Image<1, 7, 7> => conv!(1=>2, k2, s3), 2;
    pool: Image<2, 6, 6> => pool2, 2;
    pool_overlapping: Image<2, 7, 7> => maxpool!(k3, s2, pad1), 2;
    dense_layer: Vector<7> => dense!(5), 3;
    flat_dense: Image<2, 3, 3> => flatten >> dense!(4), 17;
    relu_alone: Vector<9> => relu, 2;
    relu_first: Image<2, 5, 5> => relu >> conv!(2=>3, k3), 2;
    conv_relu: Image<3, 8, 8> => conv!(3=>3, k3, pad1) >> relu, 2;
    conv_relu_pool: Image<3, 8, 8> => conv!(3=>3, k3, pad1) >> relu >> pool2, 2;
    pool_relu_dense: Image<2, 6, 6> => pool2 >> relu >> flatten >> dense!(3) >> relu, 3;
    relu_twice: Image<1, 4, 4> => conv!(1=>2, k3) >> relu >> relu >> flatten >> relu >> dense!(2), 2;
    repeated: Image<2, 5, 5> => repeat!(3, conv(2=>2, k3, pad1) >> relu), 2;
    repeated_before_activation: Image<2, 5, 5> => conv!(2=>2, k1) >> repeat!(2, relu >> conv(2=>2, k3, pad1)) >> relu, 2;
    nested_right: Image<2, 8, 8> => conv!(2=>3, k3) >> (relu >> (pool2 >> (conv!(3=>2, k3) >> flatten))), 2;
}

#[test]
fn a_wrong_gradient_would_be_seen() {
    use shapewright::layer::{Backward, Forward, Layer};
    #[derive(Clone, Copy)]
    struct Cube;
    impl<S: Shape> Layer<S> for Cube {
        type Output = S;
        fn forward<E: shapewright::Element>(&self, pass: Forward<'_, E>) {
            pass.y.iter_mut().zip(pass.x).for_each(|(y, &x)| *y = x * x * x);
        }
        fn backward<E: shapewright::Element>(&self, pass: Backward<'_, E>) {
            if let Some(dx) = pass.dx {
                let inputs = pass.x.iter().zip(pass.dy.iter());
                dx.iter_mut().zip(inputs).for_each(|(dx, (&x, &dy))| *dx = x * x * dy); // the factor 3 is missing
            }
        }
    }
    assert!(worst_error(Cube.on::<Vector<3>>(), 1, 7) > 0.4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_card_net_in_small_is_right_for_any_seed(seed in 0_u64..1 << 20, samples in 0_usize..4) {
        use shapewright::dsl::*;
        let network = conv!(2=>3, k3, pad1) >> relu >> pool2 >> flatten >> dense!(3);
        let error = worst_error(network.on::<Image<2, 6, 6>>(), samples, seed);
        prop_assert!(error < 1e-7, "{error:e}");
    }
}
