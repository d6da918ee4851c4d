// mistakes: 1
use shapewright::prelude::*;

net! { pub Grey: Image<28, 28> => Vector<10> = flatten >> dense(10) }

fn main() {}
