// mistakes: 2
use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Vector<10>, Vector<4> =
    conv(3=>16, k3) >> relu >> flatten >> (dense(10) | dense(4)) }
net! { pub Pair: Image<3, 32, 32> => (Vector<10>, Vector<4>) = flatten >> concat(dense(10) | dense(4)) }

fn main() {}
