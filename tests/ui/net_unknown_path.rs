// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => Stem >> flatten >> dense(10));
}
