// mistakes: 3
use shapewright::prelude::*;

net! {
    pub First: Image<3, 8, 8> => Vector<10> = conv(1=>8, k3) >> flatten >> dense(10);
    pub Second: Image<3, 8, 8> = flatten;
    pub Third: Image<3, 8, 8> => Vector<20> = flatten >> dense(10)
}

fn main() {}
