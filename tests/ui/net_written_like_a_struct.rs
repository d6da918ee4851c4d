// mistakes: 4
use shapewright::prelude::*;

net! { pub struct Net: Image<3, 32, 32> => Vector<10> {
    conv1: conv(3=>16, k3, pad1),
    fc: dense(10),
} }

net! { struct Short { flatten, fc: dense(10) } }

net! { pub Braced: Image<3, 8, 8> => Vector<10> = { flatten >> fc1: dense(100) >> relu >> fc2: dense(10) } }

fn main() {}
