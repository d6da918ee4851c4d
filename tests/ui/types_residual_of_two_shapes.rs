use shapewright::dsl::*;
use shapewright::prelude::*;
use shapewright::{Chain, Identity, Residual};

fn main() {
    let block = Residual::new(Chain(conv!(8=>16, k3, pad1) >> relu), Identity);
    let _ = block.on::<Image<8, 12, 12>>();
}
