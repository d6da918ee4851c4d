// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<8, 16, 16> => repeat(3, conv(8=>8, k3) >> relu));
}
