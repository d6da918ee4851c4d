// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<8, 16, 16> => conv(16, k3, s0));
}
