// mistakes: 3
use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> =
    conv(in_channels=1, out_channels=32, k3) >> relu >> conv(filters=64, k3) >> flatten >> dense(units=10) }

fn main() {}
