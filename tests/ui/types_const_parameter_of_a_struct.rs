// mistakes: 2
use shapewright::prelude::*;

struct Channels<const C: usize>;

impl<const C: usize> Channels<C> {
    fn read() -> usize {
        Model::new(net!(Image<C, 8, 8> => conv(8, k3) >> relu >> flatten >> dense(10)), 1).parameters().len()
    }

    fn made() -> usize {
        Model::new(net!(Image<1, 8, 8> => conv(C, k3) >> relu >> pool2 >> flatten >> dense(10)), 1).parameters().len()
    }
}

fn main() {
    let _ = Channels::<3>::read() + Channels::<3>::made();
}
