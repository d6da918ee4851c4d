use shapewright::dsl::*;

#[derive(Clone, Copy, Default)]
pub struct Mine;

fn main() {
    let _ = Mine >> relu;
}
