// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(30, k3) >> groupnorm(8) >> relu);
}
