// mistakes: 3
use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> =
    conv(32, k3, activation="relu") >> conv(32, k3, relu6) >> flatten >> dense(10, softmax) }

fn main() {}
