// mistakes: 5
use shapewright::prelude::*;
use shapewright::train::{Cosine, Patience, StepDecay};

net! { pub Net: Image<1, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let (train, test) = shapewright::data::digits();
    let mut model = Model::new(Net, 1);
    Trainer::new(Adam::new(1e-3)).schedule(Cosine::new(100)).fit(&mut model, &train, &test)?;
    let decay = StepDecay::new(10, 0.1);
    Trainer::new(Adam::new(1e-3)).schedule(decay).early_stopping(Patience::new(3)).fit(&mut model, &train, &test)?;
    Trainer::new(Adam::new(1e-3)).schedule(0.95).fit(&mut model, &train, &test)?;
    let loss = shapewright::MeanSquaredError::new();
    model.step(&Batch::zeros(1), &Batch::zeros(1), &loss, &mut Adam::new(1e-3))?;
    Ok(())
}
