// mistakes: 1
use shapewright::prelude::*;

net! { Block: Image<3, 8, 8> => Image<3, 8, 8> = relu }

fn main() {
    let _ = net!(Image<3, 8, 8> => Block() >> relu);
}
