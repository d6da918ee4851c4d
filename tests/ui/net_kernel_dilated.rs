// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 16, 16> => conv(8, k5, dil4, pad(0, 1)) >> relu);
}
