// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<1, 8, 8> => flatten >> dense(10_000));
}
