// mistakes: 2
use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Image<3, 32, 32> =
    conv(3=>16, k3, s2, pad1) >> relu >> conv_transpose(3=>16, k3, s2, pad1, output_pad2) >> sigmoid }

fn main() {}
