// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = Batch::<Image<1, 2, 2>>::from([[[1.0, 2.0], [3.0, 4.0]]]);
}
