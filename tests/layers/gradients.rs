//! Every layer's backward pass against central differences in f64: each parameter and the input.

use proptest::prelude::*;
use shapewright::Shape;
use shapewright::prelude::*;

use crate::common::gradient::worst_error;

gradient_checks! {
    conv: Image<3, 5, 5> => conv!(3=>2, k3, pad1), 4;
    conv_without_bias: Image<2, 4, 4> => conv!(2=>3, k2, nobias), 2;
    conv_rectangular: Image<2, 6, 5> => conv!(2=>3, k(3, 2), stride(2, 1), pad(1, 0), dilation(1, 2)), 2;
    conv_groups: Image<4, 5, 5> => conv!(4=>6, k3, groups2), 2;
    conv_same: Image<2, 5, 6> => conv!(2=>2, k4, same), 1;
    conv_wide: Image<2, 4, 19> => conv!(2=>3, k3, pad1) >> relu, 3;
    conv_wide_same: Image<2, 3, 12> => conv!(2=>9, k(2, 4), same), 2;
    conv_wide_stride: Image<2, 7, 25> => conv!(2=>3, k3, s2, pad1) >> relu, 3;
    conv_wide_strides: Image<3, 8, 40> => conv!(3=>5, k(2, 5), stride(2, 3), pad(1, 2)), 2;
    conv_winograd: Image<16, 5, 6> => conv!(16=>17, k3, pad1) >> relu, 1;
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
