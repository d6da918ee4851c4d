use shapewright::prelude::*;

const MORE: usize = 2;

fn main() {
    let _ = net!(Image<16, 8, 8> => relu >> conv_transpose(8, k3, s2, pad1, output_pad(MORE)) >> relu);
    let _ = net!(Sequence<16, 8> => relu >> conv_transpose(8, k3, pad1, output_pad(MORE)) >> relu);
}
