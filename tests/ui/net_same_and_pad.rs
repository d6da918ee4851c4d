// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(8, k3, same, pad1));
}
