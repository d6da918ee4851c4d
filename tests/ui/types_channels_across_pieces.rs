use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let stem = conv!(3=>32, k5, pad2) >> relu >> pool2;
    let head = conv!(16=>64, k3) >> relu >> flatten >> dense!(10);
    let _ = (stem >> head).on::<Image<3, 32, 32>>();
}
