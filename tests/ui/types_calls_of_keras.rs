// mistakes: 3
use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let data = Dataset::new(Batch::<Image<3, 8, 8>>::zeros(2), Labels::<10>::new(&[0, 1])?)?;
    let model = Model::new(Net, 1);
    model.compile("adam", "categorical_crossentropy");
    let history = model.fit(data.inputs(), data.labels(), 10)?;
    println!("{history}");
    println!("{}", model.evaluate(&data).accuracy());
    Ok(())
}
