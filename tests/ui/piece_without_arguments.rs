// mistakes: 1
use shapewright::dsl::*;

fn main() {
    let _ = relu >> conv!();
}
