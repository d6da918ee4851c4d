// mistakes: 1
use shapewright::prelude::*;
use shapewright::dsl::*;

fn main() {
    let piece = conv!(3=>8, k3) >> relu;
    let _ = Model::new(piece, 1).parameters().len();
}
