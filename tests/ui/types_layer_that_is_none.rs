use shapewright::prelude::*;

#[derive(Clone, Copy, Default)]
pub struct Mine;

net! { pub Net: Image<3, 8, 8> => Vector<10> = relu >> Mine >> flatten >> dense(10) }

fn main() {}
