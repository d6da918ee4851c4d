use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let _ = (relu >> conv!(8, k3, pad(1, 2))).on::<Sequence<3, 16>>();
    let _ = (relu >> conv!(8, k3, pad(1, 2, 3, 4))).on::<Sequence<3, 16>>();
}
