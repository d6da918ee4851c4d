use shapewright::prelude::*;

net! { pub Net: Image<1, 28, 28> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(Net, 1);
    let (images, labels) = (Batch::<Image<1, 28, 28>>::zeros(2), Labels::<10>::new(&[1, 2])?);
    model.step(&labels, &images, &CrossEntropy, &mut Sgd::new(0.1))?;
    Ok(())
}
