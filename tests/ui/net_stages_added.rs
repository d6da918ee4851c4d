// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => relu + identity);
    let _ = net!(Image<3, 8, 8> => conv(3=>8, k3) + conv(3=>8, k3) >> relu);
}
