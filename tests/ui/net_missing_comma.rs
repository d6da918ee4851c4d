// mistakes: 3
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => conv(3=>16 k3, pad1) >> conv(16=>8, k3 pad1) >> maxpool(k2 s2));
}
