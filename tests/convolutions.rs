//! Convolutions of every kind against PyTorch and against differences.

mod common;

use shapewright::prelude::*;
use shapewright::{Arriving, Conv2d, DepthwiseConv2d, Dilation, Groups, Kernel, Pad, PadSides, Stride};

use common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("fixtures/convolutions.safetensors"));

type Halves = DepthwiseConv2d<Kernel<3, 3>, Stride<2, 2>, Pad<1, 1>>;
type Dilated = DepthwiseConv2d<Kernel<3, 3>, Stride<1, 1>, Pad<2, 2>, Dilation<2, 2>>;
type Grouped = Conv2d<Arriving, 6, Kernel<3, 3>, Stride<2, 2>, Pad<1, 1>, Dilation<1, 1>, Groups<2>>;
type Sided = Conv2d<Arriving, 2, Kernel<3, 3>, Stride<1, 1>, PadSides<0, 4, 2, 1>>;

#[test]
fn pytorch_agrees() {
    FIXTURES.check_case("depthwise", Halves::new().on::<Image<3, 6, 7>>(), 2);
    FIXTURES.check_case("depthwise.sequence", Dilated::new().on::<Sequence<3, 9>>(), 2);
    FIXTURES.check_case("sequence", Grouped::default().on::<Sequence<4, 11>>(), 2);
}

gradient_checks! {
    depthwise: Image<3, 5, 6> => Halves::new(), 2;
    sequence: Sequence<4, 11> => Grouped::default(), 2;
    sided: Image<2, 4, 12> => Sided::default(), 2;
}
