// mistakes: 6
use shapewright::prelude::*;

net! { pub Bare: Image<1, 28, 28> => Vector<10> = conv(1=>6, k5) >> ReLU >> pool2 >> Flatten >> dense(10) }
net! { pub PyTorch: Image<1, 28, 28> => Vector<10> =
    conv(1=>6, k5) >> ReLU >> MaxPool2d(2) >> Flatten >> Linear(10) }

fn main() {}
