// mistakes: 5
use shapewright::prelude::*;

net! { Square: Image[1, 8, 8] => Vector<10> = flatten >> dense(10) }
net! { Round: Image<1, 8, 8> => Vector(10) = flatten >> dense(10) }
net! { struct Keyword: Image<1, 8, 8> => Vector<10> = flatten >> dense(10) }
net! { pub Generic<const N: usize>: Image<1, 8, 8> => Vector<10> = flatten >> dense(N) }

fn main() {
    let _ = net!(#[exact] Image<1, 8, 8> => pool2);
}
