use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let _ = (relu >> conv_transpose!(8, k3, s2, pad(1, 2, 8, 1))).on::<Image<3, 4, 8>>();
}
