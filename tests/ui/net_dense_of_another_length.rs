// mistakes: 1
use shapewright::prelude::*;

net! { pub LeNet: Image<1, 28, 28> => Vector<10> =
    conv(6, k5, pad2) >> pool2 >> conv(16, k5) >> pool2 >> flatten >> dense(256=>120) >> relu >> dense(10) }

fn main() {}
