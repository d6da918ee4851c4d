// mistakes: 3
use shapewright::prelude::*;

net! { N: Image<3, 8, 8> => Vector<10> = conv(3=>16, k3) >> nn.ReLU() >> flatten >> dense(10) }
net! { Functional: Image<3, 8, 8> => Image<3, 8, 8> = F.relu }

fn main() {
    let _ = net!(Image<3, 8, 8> => nn.Conv2d(3, 16, 3) >> relu);
}
