use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let stem = conv!(8, k5) >> relu >> flatten;
    let head = flatten >> dense!(10);
    let _ = (stem >> head).on::<Image<1, 12, 12>>();
}
