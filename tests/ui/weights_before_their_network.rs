use shapewright::prelude::*;
use shapewright::include_weights;

net! { Tiny: Image<1, 8, 8> => Vector<2> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> out: dense(2) }

fn main() {
    let weights = include_weights!("../weights/tiny.safetensors", Tiny);
    let _ = weights.model();
}
