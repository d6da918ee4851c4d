use shapewright::prelude::*;

net! { pub Net: Image<1, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let (train, held_out) = shapewright::data::digits();
    Trainer::new(CrossEntropy).fit(&mut Model::new(Net, 1), &train, &held_out)?;
    Ok(())
}
