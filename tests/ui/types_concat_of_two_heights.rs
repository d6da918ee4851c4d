use shapewright::dsl::*;
use shapewright::prelude::*;
use shapewright::{Chain, Concat};

fn main() {
    let block = Concat::new(Chain(conv!(8=>16, k1)), Chain(conv!(8=>4, k3)));
    let _ = block.on::<Image<8, 12, 12>>();
}
