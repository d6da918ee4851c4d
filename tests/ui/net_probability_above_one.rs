// mistakes: 2
use shapewright::prelude::*;

fn main() {
    let _ = net!(Image<3, 8, 8> => dropout(50) >> flatten >> dropout(p=0.5) >> dense(10));
}
