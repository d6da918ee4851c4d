// mistakes: 1
use shapewright::prelude::*;

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(net!(Image<1, 28, 28> => flatten >> dense(3)), 1);
    model.step(&Batch::zeros(1), &Batch::from([[0.0, 1.0, 0.0]]), &CrossEntropy, &mut Sgd::new(0.1))?;
    Ok(())
}
