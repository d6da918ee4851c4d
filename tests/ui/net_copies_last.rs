// mistakes: 2
use shapewright::prelude::*;

net! { pub Net: Image<8, 28, 28> => Vector<10> =
    repeat(conv(8, k3, pad1) >> relu, 3) >> repeat(conv(8, k3, pad1)) >> flatten >> dense(10) }

fn main() {}
