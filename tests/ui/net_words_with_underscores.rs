// mistakes: 4
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(8, k3) >> batch_norm >> leakyrelu >> avg_pool(k2) >> global_average_pooling2d >> flatten >> dense(10));
}
