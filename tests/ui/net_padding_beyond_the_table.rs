// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 32, 32> => conv(8, k1, pad4000) >> relu);
    let _ = net!(Image<3, 32, 32> => relu >> conv_transpose(8, k3, s200) >> relu);
}
