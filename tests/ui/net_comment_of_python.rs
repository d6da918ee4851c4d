// mistakes: 2
use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Vector<10> =
    conv(3=>16, k3) // stem
    >> relu # activation
    >> flatten >> dense(10) # head
}

fn main() {}
