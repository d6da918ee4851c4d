// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => flatten >> dense(16) >> flatten >> dense(10));
}
