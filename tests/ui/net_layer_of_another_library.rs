// mistakes: 3
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv2d(3=>32, k5) >> relu >> max_pool2d(k2) >> flatten >> linear(10));
}
