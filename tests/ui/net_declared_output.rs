// mistakes: 1
use shapewright::prelude::*;

net! { pub Wrong: Image<3, 8, 8> => Vector<100> = conv(8, k3) >> relu >> flatten >> dense(10) }

fn main() {}
