// mistakes: 1
use shapewright::prelude::*;

type Digit = [f32; 784];

net! { pub Net: Digit => Vector<10> = flatten >> dense(10) }

fn main() {}
