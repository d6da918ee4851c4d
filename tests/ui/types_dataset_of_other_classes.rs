use shapewright::data::cifar100;
use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let (train, test) = cifar100("data")?;
    let mut model = Model::new(Net, 1);
    Trainer::new(Sgd::new(0.1)).fit(&mut model, &train, &test)?;
    Ok(())
}
