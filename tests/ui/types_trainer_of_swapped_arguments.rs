use shapewright::prelude::*;

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(net!(Image<1, 28, 28> => flatten >> dense(10)), 1);
    let data = Dataset::<Image<1, 28, 28>, 10>::new(Batch::zeros(2), Labels::new(&[1, 2])?)?;
    Trainer::new(Sgd::new(0.1)).fit(&data, &mut model, &data)?;
    Ok(())
}
