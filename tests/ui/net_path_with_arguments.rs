// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => Conv2d(3, 8, 3) >> relu);
}
