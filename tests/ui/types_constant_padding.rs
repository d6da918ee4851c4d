use shapewright::prelude::*;

const PADDING: usize = 2;

fn main() {
    let _ = net!(Image<2, 8, 8> => relu >> maxpool(k3, pad(PADDING)) >> relu);
}
