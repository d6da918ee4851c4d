// mistakes: 1
use shapewright::prelude::*;

net! { pub Wrong: Image<3, 32, 32> => Vector<10> =
    conv(32, k3, pad1) >> relu >> residual(conv(64, k3, s2, pad1) >> relu) >> flatten >> dense(10) }

fn main() {}
