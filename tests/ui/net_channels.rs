// mistakes: 1
use shapewright::prelude::*;

net! { pub Wrong: Image<3, 32, 32> => Vector<10> =
    conv(3=>32, k5, pad2) >> relu >> pool2 >> conv(16=>64, k3) >> flatten >> dense(10) }

fn main() {}
