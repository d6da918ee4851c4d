use shapewright::augment::{Augmented, HorizontalFlip, RandomCrop};
use shapewright::data::Source;
use shapewright::prelude::*;

fn main() {
    let features = Dataset::<Vector<3>, 2>::new(Batch::zeros(2), Labels::new(&[0, 1]).unwrap()).unwrap();
    let _ = Augmented::new(&features, HorizontalFlip, 1).batch(0, &[0, 1]);
    let sound = Dataset::<Sequence<1, 64>, 2>::new(Batch::zeros(2), Labels::new(&[0, 1]).unwrap()).unwrap();
    let cropped = Augmented::new(&sound, RandomCrop::padded(4), 1);
    let _ = cropped.batch(0, &[0, 1]);
}
