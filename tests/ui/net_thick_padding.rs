// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<8, 16, 16> => maxpool(k3, s2, pad2));
}
