// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let model = Model::new(net!(Image<1, 28, 28> => flatten >> dense(10)), 1);
    let _ = model.predict(&Batch::<Image<1, 28, 28>>::zeros(2));
    let _ = model.forward(&Tensor::<Image<1, 28, 28>>::zeros());
}
