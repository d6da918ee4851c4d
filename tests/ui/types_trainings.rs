// mistakes: 7
use shapewright::data::{cifar10, cifar100, mnist};
use shapewright::prelude::*;

net! { pub Net: Image<3, 32, 32> => Vector<10> = flatten >> dense(10) }

fn trainer() -> Trainer<'static, Adam> {
    Trainer::new(Adam::new(1e-3))
}

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(Net, 1);
    let (train, test) = cifar10("data")?;
    trainer().fit(&mut model, &train, &test)?; // as it should be

    let (of_hundred, test_of_hundred) = cifar100("data")?;
    trainer().fit(&mut model, &of_hundred, &test_of_hundred)?;
    trainer().fit(&mut model, &train, &test_of_hundred)?;
    let (digits, test_digits) = mnist("data")?;
    trainer().fit(&mut model, &digits, &test_digits)?;
    trainer().fit(&mut model, &train, &test_digits)?;
    trainer().fit(&mut model, train.inputs(), train.labels())?;
    trainer().loss(shapewright::MeanSquaredError).fit(&mut model, &train, &test)?;
    trainer().loss(CrossEntropy::new().class_weights([1.0, 2.0])).fit(&mut model, &train, &test)?;
    Ok(())
}
