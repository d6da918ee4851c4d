// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(3=>32, k5, pda2) >> relu >> pool2);
}
