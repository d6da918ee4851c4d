// mistakes: 1
use shapewright::prelude::*;

net! { pub Wrong: Image<3, 8, 8> => Vector<10> = conv(4=>8, k3) >> relu >> flatten >> dense(10) }

const _: () = assert!(Wrong::PARAMS < 1_000);

net! { pub Outer: Image<3, 8, 8> => Vector<2> = Wrong >> dense(2) }

fn main() {
    let model = Model::new(Wrong, 1);
    let _: Batch<Vector<10>> = model.forward(&Batch::<Image<3, 8, 8>>::zeros(2));
}
