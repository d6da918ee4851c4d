//! Convolutions of every kind against PyTorch and against differences.

use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::direct::Direct;
use shapewright::kernels::window::Window2d;
use shapewright::layer::{Layer, Prepared};
use shapewright::prelude::*;
use shapewright::{Arriving, Conv2d, DepthwiseConv2d, Dilation, Groups, Kernel, Network, Pad, PadSides, Stride};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/convolutions.safetensors"));

type Halves = DepthwiseConv2d<Kernel<3, 3>, Stride<2, 2>, Pad<1, 1>>;
type Grouped = Conv2d<Arriving, 6, Kernel<3, 3>, Stride<2, 2>, Pad<1, 1>, Dilation<1, 1>, Groups<2>>;
type Sided = Conv2d<Arriving, 2, Kernel<3, 3>, Stride<1, 1>, PadSides<0, 2, 4, 1>>;

#[test]
fn forty_filters_are_lanes_in_two_blocks() {
    fn prepared<N: Network>(_: N) -> Prepared {
        <N as Layer<N::Input>>::PREPARED
    }
    let window = Window2d::new(8, [8, 8], [3, 3], [2, 2], [1, 1], [1, 1]).expect("a fitting window");
    let direct = Direct::new(&Conv2dGeometry { window, filters: 40, groups: 1 }).expect("a plain convolution");
    assert!(direct.is_along_filters());
    let network = net!(Image<8, 8, 8> => conv(40, k3, s2, pad1));
    assert_eq!(prepared(network), direct.packed());
    assert_eq!(prepared(network).forward, 64 * 8 * 9);
}

fixtures! { FIXTURES.check:
    plain_convolutions {
        "one": Image<3, 4, 5> => conv!(4, k1);
        "one.strided": Image<4, 5, 6> => conv!(3, k1, s2);
        "three": Image<3, 5, 6> => conv!(4, k3, pad1);
        "three.nobias": Image<2, 5, 6> => conv!(3, k3, nobias);
        "three.many_channels": Image<16, 6, 7> => conv!(16, k3, pad1);
        "three.strided": Image<3, 7, 8> => conv!(4, k3, s2, pad1);
        "five": Image<3, 12, 12> => conv!(8, k5, pad2);
        "seven.strided": Image<3, 9, 10> => conv!(4, k7, s2, pad3);
        "eleven.strided": Image<2, 15, 19> => conv!(3, k11, s4);
        "forty.strided": Image<8, 8, 8> => conv!(40, k3, s2, pad1); // along the filters, in two blocks
        "four.even": Image<2, 8, 6> => conv!(3, k4, s2, pad1);
        "pixel": Image<2, 1, 1> => conv!(3, k3, pad1);
    }
    convolutions_of_all_settings {
        "rectangular": Image<3, 7, 6> => conv!(4, k(3, 2), stride(2, 1), pad(1, 0), dilation(1, 2));
        "row": Image<2, 3, 9> => conv!(3, k(1, 5), pad(0, 2));
        "dilated": Image<2, 7, 8> => conv!(3, k3, pad3, dil3);
        "groups": Image<4, 5, 5> => conv!(6, k3, pad1, groups2, nobias);
        "groups.each": Image<3, 6, 5> => conv!(6, k3, s2, groups3);
        "same": Image<2, 5, 6> => conv!(3, k(4, 3), same);
        "same.strided": Image<2, 6, 7> => identity >> conv!(3, k3, s2, same); // PyTorch counts its padding as a stage
        "sided": Image<2, 4, 12> => identity >> conv!(3, k3, pad(0, 2, 4, 1));
    }
    convolutions_of_sequences {
        "sequence": Sequence<3, 9> => conv!(4, k3);
        "sequence.groups": Sequence<4, 11> => conv!(6, k3, s2, pad1, groups2);
        "sequence.same": Sequence<3, 9> => conv!(4, k4, same);
        "sequence.sided": Sequence<3, 9> => identity >> conv!(4, k3, pad(1, 1, 2, 2));
        "sequence.dilated": Sequence<2, 12> => conv!(3, k5, pad4, dil2, nobias);
    }
    depthwise_convolutions {
        "depthwise": Image<3, 6, 7> => depthwise!(k3, pad1);
        "depthwise.strided": Image<3, 6, 7> => depthwise!(k3, s2, pad1);
        "depthwise.five": Image<2, 7, 6> => depthwise!(k5, pad2, nobias);
        "depthwise.sequence": Sequence<3, 9> => depthwise!(k3, pad2, dil2);
        "depthwise.same": Image<3, 5, 6> => depthwise!(k(4, 3), same);
        "depthwise.sided": Image<3, 5, 6> => identity >> depthwise!(k3, pad(0, 2, 3, 1));
        "depthwise.sided.strided": Image<3, 5, 6> => identity >> depthwise!(k3, s2, pad(0, 2, 3, 1));
        "depthwise.sequence.sided": Sequence<3, 9> => identity >> depthwise!(k3, pad(1, 1, 2, 2));
        "separable": Image<3, 5, 6> => separable!(5, k3, pad1);
        "separable.same": Image<3, 5, 6> => separable!(5, k3, same);
        "separable.sided": Image<3, 5, 6> => identity >> separable!(5, k3, pad(0, 2, 3, 1));
        "separable.sequence": Sequence<3, 9> => separable!(5, k3, pad1);
        "separable.sequence.sided": Sequence<3, 9> => identity >> separable!(5, k3, pad(1, 1, 2, 2));
    }
    transposed_convolutions {
        "transposed": Image<3, 4, 5> => conv_transpose!(2, k3);
        "transposed.doubles": Image<2, 4, 3> => conv_transpose!(3, k4, s2, pad1);
        "transposed.tiles": Image<2, 4, 3> => conv_transpose!(3, k2, s2);
        "transposed.groups": Image<4, 5, 4> => conv_transpose!(6, k3, s2, pad1, output_pad1, groups2);
        "transposed.dilated": Image<2, 4, 5> => conv_transpose!(3, k(3, 2), stride(1, 2), pad(2, 0), dilation(2, 1), nobias);
    }
    dense_layers {
        "dense": Vector<7> => dense!(5);
        "dense.nobias": Vector<7> => dense!(5, nobias);
        "dense.wide": Vector<30> => dense!(70);
        "flatten": Image<3, 2, 4> => flatten;
    }
}

gradient_checks! {
    depthwise: Image<3, 5, 6> => Halves::new(), 2;
    depthwise_of_each_pixel: Image<3, 5, 6> => depthwise!(k3, pad1), 2;
    depthwise_wide: Image<2, 3, 20> => depthwise!(k(2, 3), pad(0, 2, 1, 0)) >> relu, 2;
    depthwise_of_many_channels: Image<17, 4, 3> => depthwise!(k3, pad1), 1;
    depthwise_sequence: Sequence<3, 9> => depthwise!(k3, pad(1, 1, 2, 2)), 2;
    sequence: Sequence<4, 11> => Grouped::default(), 2;
    transposed: Image<4, 5, 4> => conv_transpose!(4=>6, k3, s2, pad1, output_pad1, groups2) >> relu, 3;
    transposed_dilated: Image<2, 4, 5> => conv_transpose!(3, k(3, 2), stride(1, 2), pad(2, 0), dilation(2, 1), nobias), 2;
    transposed_back: Image<2, 6, 6> => conv!(3, k4, s2, pad1) >> relu >> conv_transpose!(2, k4, s2, pad1), 2;
    separable: Image<4, 6, 5> => separable!(5, k3, pad1) >> relu, 2;
    sided: Image<2, 4, 12> => Sided::default(), 2;
}
