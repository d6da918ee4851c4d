// mistakes: 1
use shapewright::prelude::*;

net! { pub Empty: Image<3, 8, 8> => Vector<10> = }

fn main() {}
