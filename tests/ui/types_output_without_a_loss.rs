use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Image<8, 6, 6> = conv(8, k3) >> relu }

fn main() -> Result<(), shapewright::Error> {
    let mut model = Model::new(Net, 1);
    let labels = Labels::<10>::new(&[1, 2])?;
    model.step(&Batch::zeros(2), &labels, &CrossEntropy, &mut Adam::new(1e-3))?;
    Ok(())
}
