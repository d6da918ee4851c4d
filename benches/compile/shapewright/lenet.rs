use shapewright::prelude::*;

net! { LeNet: Image<1, 28, 28> => Vector<10> =
    conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
    >> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10) }

fn main() {
    let model = Model::new(LeNet, 42);
    println!("{:?}", model.forward(&Batch::zeros(1)).as_slice());
}
