use shapewright::prelude::*;

const PADDING: usize = 8;

fn main() {
    let _ = net!(Image<1, 4090, 8> => relu >> conv(2, k3, pad(PADDING)) >> relu);
}
