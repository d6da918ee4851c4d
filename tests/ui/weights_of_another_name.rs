use shapewright::prelude::*;
use shapewright::{Embedded, include_weights};

net! { pub Tiny: Image<1, 8, 8> => Vector<2> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> head: dense(2) }

const TINY: Embedded<Tiny> = include_weights!(Tiny, "../weights/tiny.safetensors");

fn main() {
    let _ = TINY.model();
}
