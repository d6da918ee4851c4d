// mistakes: 12
use shapewright::prelude::*;

net! {
    Tail: Image<3, 32, 32> => Image<8, 7, 7> = conv(8, k3, s2, exact) >> relu >> maxpool(k2, exact);
    Gaps: Image<3, 32, 32> => Image<8, 16, 11> = conv(8, k1, stride(2, 3), exact) >> relu;
    Overlap: Image<3, 31, 31> => Image<3, 15, 15> = maxpool(k3, s2, exact);
    Blind: Image<3, 8, 8> => Image<4, 12, 12> = conv(4, k3, pad3, exact);
    #[exact]
    All: Image<1, 15, 15> => Vector<10> =
        residual(conv(1, k3, pad1) >> relu) >> pool2 >> repeat(2, depthwise(k3, same)) >> avgpool(k3, s2) >> separable(4, k2, s2) >> flatten >> dense(10);
    Steps: Sequence<2, 10> => Sequence<2, 3> = avgpool(k3, exact);
    #[exact(all)]
    Argument: Vector<2> => Vector<2> = relu;
}

fn main() {
    let _ = net!(Sequence<2, 9> => conv_transpose(2, k3, s2, exact) >> dense(2, exact));
}
