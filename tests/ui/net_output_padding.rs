// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<16, 8, 8> => conv_transpose(8, k3, s2, pad1, output_pad2));
}
