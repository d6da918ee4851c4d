// mistakes: 1
use shapewright::prelude::*;

#[budget(params <= 60_000)]
net! { pub LeNet: Image<1, 28, 28> => Vector<10> = conv(6, k5, pad2) >> relu >> pool2 >> flatten >> dense(10) }

fn main() {
    println!("{}", LeNet::PARAMS);
}
