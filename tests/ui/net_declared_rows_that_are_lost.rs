// mistakes: 1
use shapewright::prelude::*;

net! {
    pub Mask: Image<3, 64, 64> => Image<1, 64, 64> =
        conv(16, k3, pad1) >> relu >> conv(16, k3) >> relu >> conv(1, k1)
}

fn main() {
    println!("{}", Model::new(Mask, 1).forward(&Batch::zeros(1)).len());
}
