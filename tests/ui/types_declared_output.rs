use shapewright::prelude::*;

const CLASSES: usize = 10;

net! { pub Wrong: Image<3, 8, 8> => Vector<100> = flatten >> dense(CLASSES) }

fn main() {}
