//! Uses what a network has learned for another question, with few answers to learn it from.
//!
//! ```text
//! cargo run --release --example fine_tune
//! ```
//!
//! The pictures are turned and shifted at random, as by a camera that nobody holds straight. One network learns from 1,437 of them which digit it is, and its weights are
//! saved. Another is to tell even digits from odd ones and sees 40. It takes all weights that fit, which the program prints, and learns in two steps: its new head alone,
//! the rest frozen; then everything, the old layers a tenth as fast. Prints the accuracy after each, about 0.9, and what the same network reaches from nothing, about 0.8.

use std::fs;

use shapewright::Error;
use shapewright::augment::{Augment, Augmented, RandomRotation, RandomShift};
use shapewright::data::digits;
use shapewright::prelude::*;
use shapewright::train::accuracy;

net! {
    /// What knows digits, whatever that is good for.
    pub Trunk: Image<1, 8, 8> => Vector<64> =
        conv(1=>16, k3, pad1) >> relu >> conv(16=>32, k3, pad1) >> relu >> pool2 >> flatten >> dense(64) >> relu;

    /// Which digit it is.
    pub Digit: Image<1, 8, 8> => Vector<10> = trunk: Trunk >> head: dense(10);

    /// Whether it is even (0) or odd (1). Labels of ten classes would not compile here.
    pub Parity: Image<1, 8, 8> => Vector<2> = trunk: Trunk >> head: dense(2)
}

/// How many pictures of each digit the second network learns from.
const FEW: usize = 4;

fn main() -> Result<(), Error> {
    let (train, test) = digits();
    let camera = RandomRotation::degrees(25.0).then(RandomShift::pixels(1.0));
    let test = Dataset::load(&Augmented::new(&test, camera, 2))?;

    let mut digit = Model::new(Digit, 1);
    Trainer::new(Adam::new(0.002)).epochs(15).seed(1).augment(camera).fit(&mut digit, &train, &test)?;
    println!("which digit, from {} pictures: {:.3}\n", train.len(), accuracy(&digit, &test));
    fs::create_dir_all("target").ok(); // where it cannot be made, saving says so
    digit.save("target/digit.safetensors")?;

    let few = parity(&Dataset::load(&Augmented::new(&train, camera, 1))?, FEW)?;
    let test = parity(&test, usize::MAX)?;
    let learn = |model: &mut Model<Parity>, rate: f64| -> Result<f64, Error> {
        Trainer::new(Adam::new(rate)).epochs(30).batch_size(5).seed(1).augment(camera).fit(model, &few, &test)?;
        Ok(accuracy(model, &test))
    };
    let mut model = Model::new(Parity, 2);
    println!("{}\n", model.load_matching("target/digit.safetensors")?);
    model.freeze("trunk")?;
    println!("even or odd, from {} pictures, the new head alone: {:.3}", few.len(), learn(&mut model, 0.01)?);
    assert_eq!(model.param("trunk.0.weight")?, digit.param("trunk.0.weight")?);

    model.scale_learning_rate("trunk", 0.1)?;
    println!("then everything, the old layers slowly: {:.3}", learn(&mut model, 0.002)?);
    println!("the same network from nothing: {:.3}", learn(&mut Model::new(Parity, 2), 0.002)?);
    Ok(())
}

/// At most `each` samples of each digit, and whether they are even or odd.
fn parity(data: &Dataset<Image<1, 8, 8>, 10>, each: usize) -> Result<Dataset<Image<1, 8, 8>, 2>, Error> {
    let mut taken = [0; 10];
    let digits = data.labels().as_slice().iter().enumerate().filter(|&(_, &digit)| {
        taken[digit] += 1;
        taken[digit] <= each
    });
    let (indices, labels): (Vec<usize>, Vec<usize>) = digits.map(|(index, digit)| (index, digit % 2)).unzip();
    Dataset::new(data.inputs().select(&indices), Labels::new(&labels)?)
}
