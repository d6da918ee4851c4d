// mistakes: 1
use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Vector<10> =
    conv(3=>16, k3, pad1) >> x: relu >> conv(16, k3, pad1) >> add(x) >> relu >> flatten >> dense(10) }

fn main() {}
