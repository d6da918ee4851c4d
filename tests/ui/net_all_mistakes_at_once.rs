// mistakes: 7
use shapewright::prelude::*;

net! { pub Wrong: Image<3, 32, 32> => Vector<100> =
    conv(4=>32, k5, pda2) >> rleu >> pool2
    >> conv(16=>64, k3, groups5) >> dense(10) }

fn main() {}
