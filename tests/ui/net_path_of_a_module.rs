// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => nn::ReLU >> conv(3=>8, k3));
}
