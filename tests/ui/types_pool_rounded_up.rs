use shapewright::prelude::*;
use shapewright::{Ceil, Dilation, Kernel, MaxPool2d, Pad, Stride};

fn main() {
    let pool = MaxPool2d::<Kernel<5, 5>, Stride<2, 2>, Pad<0, 0>, Dilation<1, 1>, Ceil>::new();
    let _ = pool.on::<Image<2, 4, 4>>();
    let _ = pool.on::<Image<2, 3, 3>>();
}
