use shapewright::GroupNorm;
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<6, 8, 8> => relu >> {GroupNorm::<4>::new()} >> relu);
    let _ = net!(Image<2, 3, 3> => flatten >> {GroupNorm::<4>::new()} >> dense(3));
    let _ = net!(Image<6, 8, 8> => {GroupNorm::<0>::new()} >> relu);
}
