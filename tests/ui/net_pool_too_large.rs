// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<8, 4, 4> => pool2 >> pool2 >> pool2 >> flatten >> dense(10));
}
