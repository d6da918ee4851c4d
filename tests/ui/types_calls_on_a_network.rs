// mistakes: 5
use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Vector<10> = flatten >> dense(10) }

const _: () = assert!(Net::params() <= 50_000);

fn main() -> Result<(), shapewright::Error> {
    let model = Net::load("net.safetensors")?;
    println!("{}", model.forward(&Batch::zeros(2)).len());
    let model = Net::open("net.safetensors")?;
    println!("{}", model.forward(&Batch::zeros(2)).len());
    Net.load("net.safetensors")?;
    println!("{}", Net::macs());
    Ok(())
}
