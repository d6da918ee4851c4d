// mistakes: 1
use shapewright::prelude::*;

net! { pub Net: Image<1, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let (train, _) = shapewright::data::digits();
    let mut model = Model::new(Net, 1);
    for (x, y) in train.batches(64) {
        model.step(&x, &y, &CrossEntropy, &mut Adam::new(1e-3))?;
    }
    Ok(())
}
