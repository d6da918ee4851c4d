// mistakes: 3
use shapewright::prelude::*;

net! { pub Tuple: (1, 28, 28) => Vector<10> = flatten >> dense(10) }
net! { pub Number: Image<1, 28, 28> => 10 = flatten >> dense(10) }
net! { pub Lot: Batch<Image<1, 28, 28>> => Vector<10> = flatten >> dense(10) }

fn main() {}
