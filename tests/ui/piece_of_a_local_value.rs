// mistakes: 1
use shapewright::dsl::*;

fn main() {
    let block = conv!(16, k3, pad1) >> relu;
    let _ = conv!(3=>16, k3, pad1) >> residual!(block) >> flatten;
}
