use shapewright::prelude::*;

const STRIDE: usize = 2;
const KERNEL: usize = 3;

net! { Tail: Image<3, 32, 32> => Image<8, 15, 15> = conv(8, k3, s(STRIDE), exact) >> relu }
net! { Gaps: Image<3, 32, 32> => Image<8, 16, 16> = conv(8, k1, s(STRIDE), exact) >> relu }
net! { #[exact] Overlap: Image<3, 31, 31> => Image<3, 15, 15> = maxpool(k(KERNEL), s2) }
net! { Blind: Image<3, 8, 8> => Image<4, 12, 12> = residual(conv(4, k3, pad(KERNEL), exact) | conv(4, k1, pad2)) }

fn main() {
    use shapewright::dsl::*;
    let piece = relu >> maxpool!(k2, exact);
    let _ = Model::new(piece.on::<Image<3, 8, 7>>(), 1);
}
