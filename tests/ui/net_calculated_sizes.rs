// mistakes: 3
use shapewright::prelude::*;

net! { pub Net: Image<1, 32, 32> => Vector<10> = conv(16, k5) >> pool2 >> flatten >> dense(16*15*15=>120) >> relu >> dense(120, 10) }

net! { pub Pooled: Image<3, 32, 32> => Vector<10> = conv(16*2, k3) >> adaptive_avgpool((1, 1)) >> flatten >> dense(10) }

fn main() {}
