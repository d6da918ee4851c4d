// mistakes: 4
use shapewright::prelude::*;

net! { pub List: Image<1, 28, 28> => Vector<10> = [conv(8, k3), relu, flatten, dense(10)] }
net! { pub Statements: Image<1, 28, 28> => Vector<10> = conv(8, k3); relu; flatten; dense(10) }

fn main() {}
