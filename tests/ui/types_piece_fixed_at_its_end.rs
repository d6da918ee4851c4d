// mistakes: 1
use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let net = conv!(3=>16, k3) >> relu >> pool2 >> flatten >> dense!(10).on::<Image<3, 32, 32>>();
    let _ = Model::new(net, 1).parameters().len();
}
