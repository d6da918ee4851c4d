// mistakes: 4
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(3, 32, kernel_size=5, padding=2, bias=False) >> relu);
}
