// mistakes: 1
use shapewright::prelude::*;

net! { pub Stem: Image<3, 32, 32> => Image<16, 16, 16> = conv(16, k3) >> relu >> pool2 }

fn main() {}
