use shapewright::dsl::*;
use shapewright::prelude::*;
use shapewright::{AvgPool2d, Kernel, Stride};

fn main() {
    let _ = (flatten >> AvgPool2d::<Kernel<2, 2>, Stride<2, 2>>::new()).on::<Image<2, 8, 8>>();
    let _ = (flatten >> global_avgpool).on::<Image<2, 8, 8>>();
}
