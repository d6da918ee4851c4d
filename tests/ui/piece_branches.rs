// mistakes: 2
use shapewright::dsl::*;

fn main() {
    let _ = branches!(conv(8, k1) | conv(8, k3, pda1)) >> relu;
    let _ = residual!() >> relu;
}
