// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<1, 28, 28> => Vector<10> = conv(1=>6, k5) >> relu >> flatten >> dense(10));
}
