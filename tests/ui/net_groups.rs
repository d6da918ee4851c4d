// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<6, 8, 8> => conv(6=>12, k3, groups4));
}
