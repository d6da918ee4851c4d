use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let body = repeat!(3, conv(8, k3) >> relu);
    let _ = body.on::<Image<8, 12, 12>>();
}
