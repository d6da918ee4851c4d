// mistakes: 2
use shapewright::prelude::*;

struct Swish;
struct Scale(f32);

net! { pub Net: Image<1, 28, 28> => Vector<10> = conv(6, k5) >> {Swish} >> pool2 >> flatten >> dense(10) }
net! { pub Scaled: Image<1, 28, 28> => Vector<10> = conv(6, k5, pad2) >> {Scale(2.0)} >> flatten >> dense(10) }

fn main() {}
