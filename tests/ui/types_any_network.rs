// mistakes: 1
use shapewright::prelude::*;
use shapewright::{Error, Network};

fn train<N: Network>(model: &mut Model<N>, images: &Batch<N::Input>, labels: &Labels<10>) -> Result<f32, Error> {
    model.step(images, labels, &CrossEntropy, &mut Sgd::new(0.1))
}

fn main() -> Result<(), Error> {
    let mut model = Model::new(net!(Image<1, 28, 28> => flatten >> dense(10)), 1);
    train(&mut model, &Batch::zeros(1), &Labels::new(&[1])?)?;
    Ok(())
}
