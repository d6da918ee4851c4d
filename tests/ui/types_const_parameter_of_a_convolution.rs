use shapewright::prelude::*;

fn filters<const F: usize>() {
    let _ = net!(Image<1, 28, 28> => conv(F, k3));
}

fn main() {
    filters::<3>();
}
