use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let _ = (flatten >> instancenorm).on::<Image<2, 8, 8>>();
}
