use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Vector<10> = flatten >> dense(10) }

fn main() {
    let model = Model::new(Net, 1);
    let _ = model.forward(&Batch::<Image<3, 24, 24>>::zeros(4));
}
