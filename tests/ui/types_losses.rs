use shapewright::prelude::*;
use shapewright::MeanSquaredError;

fn main() -> Result<(), shapewright::Error> {
    let mut averages = Model::new(net!(Image<4, 8, 8> => conv(3, k1) >> global_avgpool >> flatten), 1);
    averages.gradients(&Batch::zeros(2), &Labels::<3>::new(&[1, 2])?, &CrossEntropy)?; // as it should be
    averages.gradients(&Batch::zeros(2), &Labels::<4>::new(&[1, 2])?, &CrossEntropy)?;
    let mut model = Model::new(net!(Vector<4> => dense(3)), 1);
    let weighted = CrossEntropy::new().class_weights([1.0, 2.0]);
    model.gradients(&Batch::zeros(2), &Labels::new(&[1, 2])?, &weighted)?;
    model.gradients(&Batch::zeros(2), &Batch::<Vector<5>>::zeros(2), &MeanSquaredError)?;
    Ok(())
}
