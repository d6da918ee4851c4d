// mistakes: 3
use shapewright::prelude::*;

const NONE: usize = 0;

fn main() {
    let _ = net!(Image<2, 8, 8> => relu >> conv(NONE, k3) >> relu);
    let _ = net!(Image<2, 8, 8> => flatten >> dense(NONE) >> relu);
    let _ = net!(Image<2, 8, 8> => relu >> repeat(NONE, conv(2, k3, pad1)) >> relu);
}
