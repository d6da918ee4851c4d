// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => concat(conv(8, k1)) >> relu);
}
