use shapewright::prelude::*;
use shapewright::{In, Stride, Subsample};

fn main() {
    let _ = net!(Image<32, 8, 8> => relu >> {Subsample::<Stride<2, 2>, In<16>>::new()} >> relu);
}
