use shapewright::prelude::*;

net! { pub Stem: Image<3, 8, 8> => Flat<Image<3, 4, 4>> = pool2 >> flatten }
net! { pub Wrong: Image<3, 8, 8> => Vector<100> = Stem }

fn main() {}
