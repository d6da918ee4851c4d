// mistakes: 1
use shapewright::dsl::*;

fn main() {
    let _ = repeat!(2, conv(8=>8, k3, pad1) >> rleu);
}
