// mistakes: 4
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => conv(3 32, k3) >> relu);
    let _ = net!(Image<3, 8, 8> => conv(3=32, k3) >> relu);
    let _ = net!(Image<3, 8, 8> => conv(3->32, k3) >> relu);
    let _ = net!(Image<3, 8, 8> => conv(3>32, k3) >> relu);
}
