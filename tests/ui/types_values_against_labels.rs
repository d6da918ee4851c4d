// mistakes: 1
use shapewright::MeanSquaredError;
use shapewright::prelude::*;

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(net!(Image<1, 28, 28> => flatten >> dense(10)), 1);
    model.step(&Batch::zeros(2), &Labels::<10>::new(&[1, 2])?, &MeanSquaredError, &mut Sgd::new(0.1))?;
    Ok(())
}
