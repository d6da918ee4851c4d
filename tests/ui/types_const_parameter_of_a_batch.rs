// mistakes: 1
use shapewright::prelude::*;

fn count<const SIDE: usize>(images: &Batch<Image<1, SIDE, SIDE>>) -> usize {
    images.len()
}

fn black<const SIDE: usize>() -> Batch<Image<1, SIDE, SIDE>> {
    Batch::zeros(3)
}

fn main() {
    assert_eq!(count(&black::<8>()), 3);
}
