// mistakes: 1
use shapewright::prelude::*;

fn fresh<N: Default>() -> Model<N> {
    Model::new(N::default(), 1)
}

fn main() {
    net! { Net: Image<1, 28, 28> => Vector<10> = flatten >> dense(10) }
    fresh::<Net>();
}
