use shapewright::dsl::*;
use shapewright::prelude::*;

fn main() {
    let _ = (relu >> conv_transpose!(8, k(3, 2))).on::<Sequence<3, 16>>();
    let _ = (relu >> conv_transpose!(8, k2, output_pad(0, 1), s2)).on::<Sequence<3, 16>>();
    let _ = (relu >> conv_transpose!(8, k2, pad(0, 1), s2)).on::<Sequence<3, 16>>();
}
