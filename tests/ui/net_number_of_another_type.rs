// mistakes: 3
use shapewright::prelude::*;

const RATE: f32 = 0.5;

net! { pub Net: Vector<28> => Vector<10> = dropout(RATE) >> dense(20) >> batchnorm(eps(2.0 * RATE)) >> dense(10) }

fn main() {
    let rate = 0.5_f32;
    let _ = Model::new(Net, 1).parameters();
    let _ = Model::new(net!(Vector<28> => dropout(rate) >> dense(10)), 1);
}
