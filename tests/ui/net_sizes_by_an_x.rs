// mistakes: 7
use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> =
    conv(32, k3x3) >> maxpool(2x2) >> conv(32, k3, padding("same")) >> conv(32, 3x5, s2x1) >>
    conv(8, (3, 3), (1, 2)) >> flatten >> dense(10) }

fn main() {}
