use shapewright::dsl::*;

fn main() {
    let _ = relu >> conv!();
}
