// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => conv(10, k3) >> conv(12, k3, groups3));
}
