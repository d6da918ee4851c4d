// mistakes: 1
use shapewright::dsl::*;

fn main() {
    let _ = conv!(3=>32, k5, pda2) >> relu;
}
