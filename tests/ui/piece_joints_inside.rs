// mistakes: 2
use shapewright::dsl::*;

fn main() {
    let _ = residual!(concat(conv(8, k1) | conv(8, k1)) >> conv(12, k3, groups5, pad1)) >> relu;
    let _ = repeat!(2, flatten >> dense(8) >> dense(9=>8)) >> relu;
}
