// mistakes: 2
use shapewright::prelude::*;

const CHANNELS: usize = 3;
const CLASSES: usize = 0;

fn main() {
    let model = Model::new(net!(Image<1, 8, 8> => conv(CHANNELS=>10, k3) >> relu >> flatten >> dense(10)), 1);
    let _ = model.forward(&Batch::zeros(2));
    let model = Model::new(net!(Image<1, 8, 8> => flatten >> dense(CLASSES)), 1);
    println!("{}", model.parameters().len());
}
