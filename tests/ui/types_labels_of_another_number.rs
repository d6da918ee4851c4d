use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(Net, 1);
    let labels = Labels::<100>::new(&[1, 2])?;
    model.step(&Batch::zeros(2), &labels, &CrossEntropy, &mut Adam::new(1e-3))?;
    Ok(())
}
