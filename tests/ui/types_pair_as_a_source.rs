use shapewright::prelude::*;

use shapewright::data::Source;

fn train<S: Source<Image<1, 8, 8>>>(_source: &S) {}

fn main() -> Result<(), shapewright::Error> {
    train(&(Batch::<Image<1, 8, 8>>::zeros(2), Labels::<10>::new(&[1, 2])?));
    Ok(())
}
