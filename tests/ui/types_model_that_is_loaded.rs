// mistakes: 1
use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() -> Result<(), shapewright::Error> {
    let model = Model::new(Net, 1).load("net.safetensors")?;
    println!("{}", model.forward(&Batch::zeros(2)).len());
    Ok(())
}
