// mistakes: 1
use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let piece = conv!(3=>16, k7) >> relu >> pool2 >> conv!(16=>32, k7) >> flatten >> dense!(10);
    let model = Model::new(piece.on::<Image<3, 16, 16>>(), 1);
    let _ = model.predict(&Tensor::zeros()).class + model.parameters().len();
}
