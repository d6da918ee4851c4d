// mistakes: 1
use shapewright::prelude::*;

net! { pub Net: Sequence<128, 1> => Vector<4> = conv(1=>16, k9, s2) >> relu >> pool2 >> flatten >> dense(4) }

fn main() {}
