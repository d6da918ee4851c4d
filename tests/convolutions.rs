//! Convolutions of every kind against PyTorch and against differences.

mod common;

use shapewright::prelude::*;
use shapewright::{Arriving, Conv2d, DepthwiseConv2d, Dilation, Groups, Kernel, Pad, PadSides, Stride};

use common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("fixtures/convolutions.safetensors"));

type Halves = DepthwiseConv2d<Kernel<3, 3>, Stride<2, 2>, Pad<1, 1>>;
type Dilated = DepthwiseConv2d<Kernel<3, 3>, Stride<1, 1>, Pad<2, 2>, Dilation<2, 2>>;
type Grouped = Conv2d<Arriving, 6, Kernel<3, 3>, Stride<2, 2>, Pad<1, 1>, Dilation<1, 1>, Groups<2>>;
type PaddedAsOnce = Conv2d<Arriving, 3, Kernel<3, 3>, Stride<1, 1>, PadSides<0, 2, 4, 1>>;
type Sided = Conv2d<Arriving, 2, Kernel<3, 3>, Stride<1, 1>, PadSides<0, 2, 4, 1>>;

#[test]
fn pytorch_agrees() {
    FIXTURES.check_case("depthwise", Halves::new().on::<Image<3, 6, 7>>(), 2);
    FIXTURES.check_case("depthwise.sequence", Dilated::new().on::<Sequence<3, 9>>(), 2);
    FIXTURES.check_case("sequence", Grouped::default().on::<Sequence<4, 11>>(), 2);
    let net = net!(Image<4, 5, 4> => conv_transpose(4=>6, k3, s2, pad1, output_pad1, groups2));
    FIXTURES.check_case("transposed", net, 2);
    let net = net!(Image<2, 4, 5> => conv_transpose(3, k(3, 2), stride(1, 2), pad(2, 0), dilation(2, 1), nobias));
    FIXTURES.check_case("transposed.dilated", net, 2);
    // PyTorch counts its padding as a stage: ours is an identity.

    FIXTURES.check_case("sided", net!(Image<2, 4, 12> => identity >> {PaddedAsOnce::default()}), 2);
}

gradient_checks! {
    depthwise: Image<3, 5, 6> => Halves::new(), 2;
    sequence: Sequence<4, 11> => Grouped::default(), 2;
    transposed: Image<4, 5, 4> => conv_transpose!(4=>6, k3, s2, pad1, output_pad1, groups2) >> relu, 3;
    transposed_dilated: Image<2, 4, 5> => conv_transpose!(3, k(3, 2), stride(1, 2), pad(2, 0), dilation(2, 1), nobias), 2;
    transposed_back: Image<2, 6, 6> => conv!(3, k4, s2, pad1) >> relu >> conv_transpose!(2, k4, s2, pad1), 2;
    separable: Image<4, 6, 5> => separable!(5, k3, pad1) >> relu, 2;
    sided: Image<2, 4, 12> => Sided::default(), 2;
}
