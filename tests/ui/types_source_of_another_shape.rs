use shapewright::augment::{Augmented, HorizontalFlip};
use shapewright::data::{Source, digits};
use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> = flatten >> dense(10) }

fn epoch<S: Source<Image<1, 28, 28>, Targets = Labels<10>>>(_source: &S) {}

fn main() {
    let (train, _) = digits();
    epoch(&train);
    epoch(&Augmented::new(&train, HorizontalFlip, 1));
}
