use shapewright::prelude::*;

fn main() {
    let _ = shapewright::dsl::maxpool!(k(3, 2)).on::<Sequence<2, 8>>();
}
