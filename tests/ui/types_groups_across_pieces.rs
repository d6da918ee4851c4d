use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let stem = conv!(6, k3) >> relu;
    let _ = (stem >> conv!(8, k3, groups4)).on::<Image<1, 12, 12>>();
}
