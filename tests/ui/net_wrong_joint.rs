// mistakes: 3
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => conv(8, k3), relu | pool2 -> flatten);
}
