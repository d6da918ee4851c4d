// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(conv(3=>32, k5) >> relu);
}
