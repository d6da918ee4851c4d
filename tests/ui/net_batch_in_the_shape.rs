// mistakes: 1
use shapewright::prelude::*;

net! { N: Image<64, 3, 32, 32> => Vector<10> = flatten >> dense(10) }

fn main() {}
