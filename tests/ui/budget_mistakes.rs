// mistakes: 18
use shapewright::prelude::*;

net! {
    #[budget(parms <= 62_000, ram <= 8 KiB, latency <= 3, max_params: 8, train_bytes(64) <= 4 MiB)]
    Keys: Vector<4> => Vector<2> = dense(2)
}
net! {
    #[budget(params <= 62 KiB, inference_bytes <= 8 KB, weights_bytes <= 100kB)]
    Units: Vector<4> => Vector<2> = dense(2)
}
net! {
    #[budget(params = 62_000, macs < 8, flops: 9, depth 4, state <=, inference_bytes)]
    Signs: Vector<4> => Vector<2> = dense(2)
}
net! {
    #[budget(params <= 1.5e3, params <= 10, params <= 12, macs <= 8 9)]
    Numbers: Vector<4> => Vector<2> = dense(2)
}
net! {
    #[budget]
    Empty: Vector<4> => Vector<2> = dense(2)
}

fn main() {}
