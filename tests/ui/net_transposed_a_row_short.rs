// mistakes: 5
use shapewright::prelude::*;

net! {
    pub UNet: Image<1, 45, 45> => Image<1, 45, 45> =
        conv(1=>16, k3, pad1) >> relu
        >> concat(identity | pool2 >> conv(16=>32, k3, pad1) >> relu >> conv_transpose(32=>16, k2, s2))
        >> conv(32=>1, k1);
    pub Residual: Image<8, 15, 14> => Image<8, 15, 14> = residual(pool2 >> conv_transpose(8, k2, s2) >> relu);
    pub Added: Image<8, 15, 15> => Image<8, 15, 15> = sum(pool2 >> conv_transpose(8, k2, s2) | identity);
    pub Decoder: Image<3, 32, 32> => Image<3, 32, 32> =
        conv(3=>16, k3, s2, pad1) >> relu >> up: conv_transpose(16=>3, k3, s2, pad1) >> sigmoid;
    pub Deeper: Image<1, 28, 28> => Image<1, 28, 28> =
        conv(8, k3, s2, pad1) >> conv(16, k3, s2, pad1)
        >> conv_transpose(8, k3, s2, pad1) >> relu >> conv_transpose(1, k3, s2, pad1)
}

fn main() {}
