use shapewright::prelude::*;

const NONE: usize = 0;

fn main() {
    let _ = net!(Image<2, 8, 8> => relu >> conv(8, k3, stride(NONE)) >> relu);
    let _ = net!(Image<2, 8, 8> => relu >> conv(8, k3, dilation(1, NONE)) >> relu);
    let _ = net!(Image<2, 8, 8> => relu >> conv(8, k(NONE, 3)) >> relu);
    let _ = net!(Image<2, 8, 8> => relu >> conv(8, k3, same, stride(NONE)) >> relu);
    let _ = net!(Image<2, 8, 8> => relu >> conv(8, k3, groups(NONE)) >> relu);
    let _ = net!(Image<2, 8, 8> => relu >> maxpool(k3, stride(NONE)) >> relu);
}
