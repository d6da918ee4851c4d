// mistakes: 3
use shapewright::prelude::*;

const WIDTH: usize = 8;
const MOST: usize = 2_000;

net! {
    Stem: Image<3, 16, 16> => Image<8, 8, 8> = wide: conv(WIDTH, k5, pad2) >> relu >> pool2;
    #[budget(params <= MOST, inference_bytes <= { WIDTH } KiB)]
    Whole: Image<3, 16, 16> => Vector<4> = Stem >> residual(conv(WIDTH, k3, pad1) >> relu) >> flatten >> out: dense(4)
}

fn main() {
    net! { #[budget(macs <= 100_000)] Local: Image<3, 16, 16> => Image<3, 16, 16> = repeat(1, Stem >> Back) }
}

net! { Back: Image<8, 8, 8> => Image<3, 16, 16> = upsample(2) >> conv(3, k3, pad1) }
