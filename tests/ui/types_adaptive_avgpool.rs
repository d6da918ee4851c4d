use shapewright::AdaptiveAvgPool;
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<2, 8, 8> => relu >> {AdaptiveAvgPool::<3, 4>::new()} >> relu);
}
