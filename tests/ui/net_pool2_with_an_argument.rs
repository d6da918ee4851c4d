// mistakes: 1
use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Image<3, 4, 4> = relu >> pool2(exact) }

fn main() {}
