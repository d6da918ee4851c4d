use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let stem = conv!(8, k5) >> relu >> pool2;
    let _ = (stem >> dense!(10)).on::<Image<1, 12, 12>>();
}
