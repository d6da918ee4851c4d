use shapewright::prelude::*;

const KERNEL: usize = 9;

fn main() {
    let _ = net!(Image<3, 8, 8> => relu >> conv(8, k(KERNEL)) >> flatten >> dense(10));
}
