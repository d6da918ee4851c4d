use shapewright::prelude::*;

const GROUPS: usize = 4;

fn main() {
    let _ = net!(Image<6, 8, 8> => relu >> conv(8, k3, groups(GROUPS)));
}
