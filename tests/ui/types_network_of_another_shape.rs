use shapewright::prelude::*;

net! { pub Stem: Image<3, 16, 16> => Image<8, 8, 8> = conv(8, k3, pad1) >> relu >> pool2 }
net! { pub Whole: Image<3, 18, 18> => Vector<10> = relu >> Stem >> flatten >> dense(10) }

fn main() {}
