// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<32, 28, 28> => concat(conv(64, k1) | conv(128, k3) >> relu | maxpool(k3, s1, pad1)));
    let _ = net!(Image<32, 28, 28> => sum(identity | conv(64, k1)));
}
