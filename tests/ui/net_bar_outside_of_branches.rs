// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => repeat(2, conv(3, k1) | relu));
}
