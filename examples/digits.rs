//! Learns to read handwritten digits.
//!
//! ```text
//! cargo run --release --example digits
//! ```
//!
//! Prints the network's table, a line for each epoch (a few seconds in all on two cores) and the accuracy on digits that
//! it has not seen, about 0.99; then shows some of them, with what the network says each is and how sure it is. Last it
//! saves the parameters to `target/digits.safetensors` and loads them into a fresh model.

use shapewright::data::digits;
use shapewright::prelude::*;
use shapewright::train::{Epoch, accuracy};
use shapewright::{Error, Prediction};

net! {
    /// Two convolutions find strokes, two dense layers weigh them.
    pub DigitsNet: Image<1, 8, 8> => Vector<10> =
        conv(1=>16, k3, pad1) >> relu >> conv(16=>32, k3, pad1) >> relu >> pool2
        >> flatten >> dense(64) >> relu >> dense(10)
}

fn main() -> Result<(), Error> {
    let (train, test) = digits();
    let mut model = Model::new(DigitsNet, 1);
    println!("{}", model.summary());

    let trainer = Trainer::new(Adam::new(0.002)).epochs(20).batch_size(32).seed(1);
    trainer.callback(|epoch: &Epoch| println!("{epoch}")).fit(&mut model, &train, &test)?;
    println!("test accuracy: {:.3}\n", accuracy(&model, &test));

    show_some(&model, &test);

    let path = "target/digits.safetensors";
    std::fs::create_dir_all("target").ok(); // where it cannot be made, saving says so
    model.save(path)?;
    let mut loaded = Model::new(DigitsNet, 2);
    loaded.load(path)?;
    assert_eq!(loaded.forward(test.inputs()), model.forward(test.inputs()));
    println!("saved {path}; loaded into a fresh model, it gives identical predictions for all {} digits", test.len());
    Ok(())
}

/// Prints a few digits side by side, at most two that the model gets wrong among them.
fn show_some(model: &Model<DigitsNet>, test: &Dataset<Image<1, 8, 8>, 10>) {
    let digits = test.inputs().iter().zip(test.labels().as_slice());
    let (mut shown, right): (Vec<Shown>, Vec<Shown>) = digits
        .map(|(pixels, &label)| {
            let said = model.predict(&Tensor::from_fn(|index| pixels[index]));
            Shown { pixels, label, said }
        })
        .partition(|digit| digit.said.class != digit.label);
    shown.truncate(2);
    shown.extend(right);
    shown.truncate(5);

    for row in 0..8 {
        print_line(&shown, |digit| digit.pixels[8 * row..][..8].iter().map(|&ink| shade(ink)).collect());
    }
    print_line(&shown, |digit| format!("says {} ({:.1} %)", digit.said.class, 100.0 * digit.said.probability));
    print_line(&shown, |digit| {
        if digit.said.class == digit.label { "right".to_owned() } else { format!("wrong: it is {}", digit.label) }
    });
    println!();
}

/// A digit, what it is and what the model says it is.
struct Shown<'a> {
    pixels: &'a [f32],
    label: usize,
    said: Prediction<f32>,
}

/// Prints one line of each digit, in columns as wide as a digit.
fn print_line(shown: &[Shown], line: impl Fn(&Shown) -> String) {
    let columns: Vec<String> = shown.iter().map(|digit| format!("{:16}", line(digit))).collect();
    println!("{}", columns.join("    ").trim_end());
}

/// Two characters, which are about as wide as high, by how much ink there is.
fn shade(ink: f32) -> &'static str {
    match ink {
        ..0.2 => "  ",
        ..0.4 => "░░",
        ..0.6 => "▒▒",
        ..0.8 => "▓▓",
        _ => "██",
    }
}
