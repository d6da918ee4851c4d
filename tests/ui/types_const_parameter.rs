use shapewright::prelude::*;

fn classes<const N: usize>() {
    let _ = net!(Image<1, 8, 8> => flatten >> dense(N));
}

fn main() {
    classes::<3>();
}
