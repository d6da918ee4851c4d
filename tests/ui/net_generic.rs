// mistakes: 1
use shapewright::prelude::*;

net! { Net<const N: usize>: Image<1, 28, 28> => Vector<N> = flatten >> dense(N) }

fn main() {}
