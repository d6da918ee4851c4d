// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => cnov(3=>32, k5) >> relu >> flatten >> dense(10));
}
