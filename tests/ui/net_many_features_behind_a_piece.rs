// mistakes: 2
use shapewright::dsl::*;
use shapewright::prelude::*;

net! { pub Stem: Image<3, 32, 32> => Image<32, 16, 16> = conv(32, k3, pad1) >> relu >> pool2 }

net! { pub Net: Image<3, 32, 32> => Vector<10> = Stem >> flatten >> dense(8192=>10) }

fn main() {
    let head = flatten >> dense!(8192=>10);
    println!("{head:?}");
}
