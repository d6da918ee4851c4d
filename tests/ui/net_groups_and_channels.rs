// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(32, k5, pad2) >> conv(16=>64, k3, groups5));
}
