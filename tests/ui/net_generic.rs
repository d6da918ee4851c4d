// mistakes: 1
use shapewright::prelude::*;

net! { pub Block<const C: usize>: Image<C, 16, 16> => Image<C, 16, 16> = residual(conv(C, k3, pad1) >> relu) }

net! { pub Net: Image<3, 16, 16> => Vector<10> = conv(8, k3, pad1) >> Block<8> >> flatten >> dense(10) }

fn main() {
    let _: Batch<Vector<10>> = Model::new(Net, 1).forward(&Batch::zeros(2));
}
