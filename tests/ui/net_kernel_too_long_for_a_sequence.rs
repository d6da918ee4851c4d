// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Sequence<1, 98> => pool2 >> pool2 >> pool2 >> maxpool(k13));
}
