use shapewright::prelude::*;
use shapewright::{Kernel, MaxPool2d, PadSides, Stride};

type Pool = MaxPool2d<Kernel<3, 3>, Stride<2, 2>, PadSides<0, 1, 1, 1>>;

fn main() {
    let _ = Pool::new().on::<Image<3, 8, 8>>();
}
