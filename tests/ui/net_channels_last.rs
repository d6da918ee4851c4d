// mistakes: 1
use shapewright::prelude::*;

net! { pub Net: Image<28, 28, 1> => Vector<10> = conv(1=>8, k5) >> relu >> flatten >> dense(4608=>10) }

fn main() {}
