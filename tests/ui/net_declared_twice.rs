// mistakes: 1
use shapewright::prelude::*;

net! {
    pub Small: Image<1, 28, 28> => Vector<10> = conv(8, k3) >> relu >> pool2 >> flatten >> dense(10);
    pub Small: Image<1, 28, 28> => Vector<10> = conv(16, k3) >> relu >> pool2 >> flatten >> dense(10);
}

fn main() {
    let model = Model::new(Small, 0);
    println!("{:?}", model.predict(&Tensor::zeros()).class);
}
