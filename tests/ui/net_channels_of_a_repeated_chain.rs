// mistakes: 2
use shapewright::prelude::*;

net! {
    pub Repeated: Image<3, 32, 32> => Vector<10> =
        conv(3=>24, k3, pad1, nobias) >> batchnorm >> relu
        >> repeat(3, conv(16=>16, k3, pad1, nobias) >> batchnorm >> relu)
        >> pool2 >> flatten >> dense(10)

    pub Around: Image<24, 8, 8> => Vector<10> =
        residual(conv(16=>16, k3, pad1) >> relu >> conv(16=>16, k3, pad1)) >> relu >> flatten >> dense(10)
}

fn main() {
    let model = Model::new(Repeated, 3);
    println!("class {}", model.predict(&Tensor::zeros()).class);
}
