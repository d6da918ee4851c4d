// mistakes: 1
use shapewright::prelude::*;

net! { pub Deep: Image<1, 28, 28> => Vector<10> =
    conv(6, k5) >> pool2 >> conv(16, k5) >> pool2 >> conv(32, k7) >> flatten >> dense(10) }

fn main() {}
