// mistakes: 1
use shapewright::prelude::*;

net! { pub Whole: Image<3, 8, 8> => Vector<10> = {stem} >> flatten >> dense(10) }

fn main() {}
