use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let head = relu >> conv!(8, k7, pad(0, 3, 2, 4));
    let _ = head.on::<Image<3, 4, 4>>();
}
