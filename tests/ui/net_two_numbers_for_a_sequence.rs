// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Sequence<40, 98> => conv(32, k(3, 5), pad1) >> relu >> pool2);
}
