// mistakes: 5
use shapewright::prelude::*;

net! { #[budget(params <= 62k, macs <= 1 GFLOP, flops <= 1e6, state <= 8usize)] pub Counts: Vector<4> => Vector<2> = dense(2) }
net! { #[budget(inference_bytes <= 128 * 1024)] pub Bytes: Vector<4> => Vector<2> = dense(2) }

fn main() {}
