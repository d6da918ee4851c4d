// mistakes: 2
use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> =
    conv(1=>6, k5) >> relu >> flatten >> fc1 = dense(120) >> relu >> dense(10) as head }

fn main() {}
