use shapewright::data::{Normalisation, cifar10, mnist};
use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let (train, test) = cifar10("data")?;
    let normalisation = Normalisation::of(&mnist("data")?.0)?;
    let mut model = Model::new(Net, 1);
    Trainer::new(Sgd::new(0.1)).fit(&mut model, &train, &test.normalised(&normalisation))?;
    Ok(())
}
