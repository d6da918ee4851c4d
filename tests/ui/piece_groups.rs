// mistakes: 1
use shapewright::dsl::*;

fn main() {
    let _ = conv!(6=>12, k3, groups4) >> relu;
}
