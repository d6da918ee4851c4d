// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => maxpool(k2, nobias));
}
