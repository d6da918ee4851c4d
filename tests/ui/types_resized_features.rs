use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let _ = (dense!(8) >> upsample!(2)).on::<Vector<4>>();
    let _ = (dense!(8) >> zero_pad!(1)).on::<Vector<4>>();
    let _ = (dense!(8) >> adaptive_avgpool!(4)).on::<Vector<4>>();
}
