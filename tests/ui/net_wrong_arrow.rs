// mistakes: 1
use shapewright::prelude::*;

net! { pub Wrong: Image<3, 8, 8> -> Vector<10> = flatten >> dense(10) }

fn main() {}
