// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => batchnorm(32, epsilon=1e-3) >> relu);
}
