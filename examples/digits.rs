//! Learns to read handwritten digits.
//!
//! ```text
//! cargo run --release --example digits                 # one training, and pictures of it
//! cargo run --release --example digits -- --fresh      # the same, from the start where a killed one would go on
//! cargo run --release --example digits -- --seeds 5    # five trainings, and the mean of what they reach
//! ```
//!
//! Prints the network's table, a line for each epoch (about two seconds in all on two cores) and the accuracy on digits that it has not seen, about 0.99; then
//! shows some of them, with what the network says each is and how sure it is. Leaves in `target/digits/`:
//!
//! - `curves.svg`, `filters.png`, `maps.svg`, `confusion.svg`, `mistakes.svg`: the training, what the first layer looks for, what each stage makes of a digit, which
//!   digits are taken for which. (Each may as well be saved as `.png` or `.svg`.)
//! - `checkpoints/`: all that a training has to remember. One that was killed goes on from there when it is started again, and ends in the same bits,
//! - `digits.safetensors`: the weights, with the names of the classes and the normalisation beside them. The example `predict` reads it. It is written last, so where
//!   it is, the training was finished, and the next begins from the start.

use std::error::Error;
use std::fs;
use std::path::Path;

use shapewright::augment::RandomShift;
use shapewright::data::{Normalisation, digits};
use shapewright::prelude::*;
use shapewright::train::{Augmenting, Keep, accuracy, evaluate};
use shapewright::{Card, plot};

mod common {
    pub(crate) mod ink;
}

net! {
    /// Two convolutions find strokes, two dense layers weigh them.
    pub DigitsNet: Image<1, 8, 8> => Vector<10> =
        conv(1=>16, k3, pad1) >> relu >> conv(16=>32, k3, pad1) >> relu >> pool2
        >> flatten >> dense(64) >> relu >> dense(10)
}

type Digits = Dataset<Image<1, 8, 8>, 10>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => one(Path::new("target/digits"), false),
        ["--fresh"] => one(Path::new("target/digits"), true),
        ["--seeds", count] => several(count.parse()?),
        _ => Err("the arguments are none, `--fresh`, or `--seeds` and a number".into()),
    }
}

/// Twenty epochs, the pictures shifted by up to half a pixel, each time anew.
fn trainer(seed: u64) -> Trainer<'static, Adam, CrossEntropy, Augmenting<RandomShift>> {
    Trainer::new(Adam::new(0.002)).epochs(20).batch_size(32).seed(seed).augment(RandomShift::pixels(0.5))
}

/// A training that can be killed, and everything that is worth looking at when it is done.
fn one(folder: &Path, fresh: bool) -> Result<(), Box<dyn Error>> {
    let weights = folder.join("digits.safetensors");
    if fresh || weights.exists() {
        fs::remove_dir_all(folder).ok(); // where there is none, none need be removed
    }
    let (train, test) = digits();
    let normalisation = Normalisation::of(&train)?;
    let (train, unseen) = (train.normalised(&normalisation), test.clone().normalised(&normalisation));

    let mut model = Model::new(DigitsNet, 1);
    println!("{}", model.summary());
    let report = trainer(1)
        .checkpoint(folder.join("checkpoints"), Keep::Last(2))
        .resume()
        .progress()
        .fit(&mut model, &train, &unseen)?;
    let evaluation = evaluate(&model, &unseen, &CrossEntropy);
    println!("test accuracy: {:.3}\n", evaluation.accuracy());
    show(&model, &test, &unseen);

    let names = test.class_names().expect("the digits have names");
    plot::history(&report.epochs).save(folder.join("curves.svg"))?;
    plot::filters(model.param("0.weight")?).save(folder.join("filters.png"))?;
    if let Some(digit) = unseen.inputs().tensor(0) {
        plot::maps(&model.stages(&digit)).save(folder.join("maps.svg"))?;
    }
    plot::confusion(&evaluation.confusion(), names).save(folder.join("confusion.svg"))?;
    plot::mistakes(&model, &unseen, names, 12).save(folder.join("mistakes.svg"))?;
    model.save_with(&weights, &Card::of(names).normalised(&normalisation))?;

    assert_eq!(Model::open(DigitsNet, &weights)?.forward(unseen.inputs()), model.forward(unseen.inputs()));
    println!("{} has curves.svg, filters.png, maps.svg, confusion.svg, mistakes.svg,", folder.display());
    println!("checkpoints, and digits.safetensors, which gives the same predictions when it is loaded");
    Ok(())
}

/// How good a training is on average: the order of the samples and the weights to begin with are drawn from another seed each time.
fn several(count: u64) -> Result<(), Box<dyn Error>> {
    let (train, test) = digits();
    let normalisation = Normalisation::of(&train)?;
    let (train, unseen) = (train.normalised(&normalisation), test.normalised(&normalisation));
    let mut sum = 0.0;
    for seed in 1..=count {
        let mut model = Model::new(DigitsNet, seed);
        trainer(seed).fit(&mut model, &train, &unseen)?;
        println!("seed {seed}: {:.4}", accuracy(&model, &unseen));
        sum += accuracy(&model, &unseen);
    }
    println!("mean test accuracy: {:.4}", sum / count as f64);
    Ok(())
}

/// Prints five digits side by side, and what the model says of each.
fn show(model: &Model<DigitsNet>, test: &Digits, unseen: &Digits) {
    let five: Vec<Vec<String>> = (0..5).map(|digit| common::ink::lines(test.inputs().sample(digit), 8)).collect();
    for row in 0..8 {
        println!("{}", five.iter().map(|digit| digit[row].as_str()).collect::<Vec<_>>().join("    "));
    }
    for input in (0..5).filter_map(|digit| unseen.inputs().tensor(digit)) {
        let said = model.predict(&input);
        print!("{:20}", format!("says {} ({:.1} %)", said.class, 100.0 * said.probability));
    }
    println!("\n");
}
