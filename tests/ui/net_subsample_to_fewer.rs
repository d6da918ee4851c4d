// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<16, 8, 8> => relu >> subsample(8, s2));
}
