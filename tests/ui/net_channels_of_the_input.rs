// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<1, 28, 28> => conv(3=>32, k5) >> relu);
}
