// mistakes: 1
use shapewright::prelude::*;

net! {
    /// PartialEq is not there yet.
    #[derive(Debug, Clone, PartialEq)]
    pub Small: Image<1, 8, 8> => Vector<10> = flatten >> dense(10)
}

fn main() {
    let model = Model::new(Small, 0);
    println!("{:?}", model.network());
}
