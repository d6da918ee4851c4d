use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let stem = conv!(3=>32, k5, pad2) >> relu >> pool2;
    let _ = stem.on::<Image<1, 28, 28>>();
}
