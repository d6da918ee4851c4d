// mistakes: 2
use shapewright::prelude::*;
use shapewright::Shape;

fn parameters<const SIDE: usize>() -> usize {
    Model::new(net!(Image<1, SIDE, SIDE> => conv(8, k3) >> relu >> pool2 >> flatten >> dense(10)), 1).parameters().len()
}

fn parameters_of_shapes<const SIDE: usize>() -> usize
where
    Image<1, SIDE, SIDE>: Shape,
{
    Model::new(net!(Image<1, SIDE, SIDE> => conv(8, k3) >> relu >> pool2 >> flatten >> dense(10)), 1).parameters().len()
}

fn main() {
    let _ = parameters::<28>() + parameters_of_shapes::<28>();
}
