// mistakes: 7
use shapewright::prelude::*;

net! {
    #[budget(params <= 60_000, state <= 6, macs <= 400_000, flops <= 800_000, depth <= 4)]
    #[budget(inference_bytes <= 24 KiB, weights_bytes <= 1 KiB)]
    pub LeNet: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> batchnorm >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10)
}

fn main() {}
