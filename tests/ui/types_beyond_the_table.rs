use shapewright::prelude::*;

const WIDE: usize = 5_000;

fn main() {
    let _ = net!(Image<1, 8, 8> => flatten >> dense(WIDE));
}
