//! Reads a digit in a picture file: a program that needs nothing but the weights.
//!
//! ```text
//! cargo run --release --example digits                    # once: learns, and saves the weights
//! cargo run --release --example predict                   # a digit that the program draws
//! cargo run --release --example predict -- picture.png    # a picture of yours that one digit fills: PNG, JPEG or PNM, of any size
//! ```
//!
//! Shows the picture as the network sees it, 8×8 pixels, and the three likeliest classes. Their names, and how the pixels are normalised, stand in the file of the weights.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use shapewright::Card;
use shapewright::augment::Chance;
use shapewright::data::{Fitting, picture};
use shapewright::plot::Picture;
use shapewright::prelude::*;

mod common {
    pub(crate) mod drawn_digits;
    pub(crate) mod ink;
}

/// What the example `digits` leaves.
const WEIGHTS: &str = "target/digits/digits.safetensors";

net! {
    /// The network of the example `digits`. Were a number different here, the file would be refused, with the name and the dims of what does not fit.
    pub DigitsNet: Image<1, 8, 8> => Vector<10> =
        conv(1=>16, k3, pad1) >> relu >> conv(16=>32, k3, pad1) >> relu >> pool2
        >> flatten >> dense(64) >> relu >> dense(10)
}

fn main() -> Result<(), Box<dyn Error>> {
    if !fs::exists(WEIGHTS)? {
        return Err(format!("{WEIGHTS} is not there: `cargo run --release --example digits` makes it").into());
    }
    let (model, card) = (Model::open(DigitsNet, WEIGHTS)?, Card::open(WEIGHTS)?);

    let path = std::env::args_os().nth(1).map_or_else(draw, |path| Ok(path.into()))?;
    let mut digit = picture::<Image<1, 8, 8>>(&path, Fitting::Cropped)?;
    if digit.iter().sum::<f32>() > 32.0 {
        digit = Tensor::from_fn(|index| 1.0 - digit.as_slice()[index]); // dark ink on bright paper; the network knows 1 as ink
    }
    println!("{}\n{}\n", path.display(), common::ink::lines(digit.as_slice(), 8).join("\n"));

    card.normalisation()?.apply_to_tensor(&mut digit);
    let probabilities = model.probabilities(&digit);
    let mut classes: Vec<usize> = (0..10).collect();
    classes.sort_by(|&a, &b| probabilities.as_slice()[b].total_cmp(&probabilities.as_slice()[a]));
    for &class in &classes[..3] {
        println!("{} ({:.1} %)", card.classes[class], 100.0 * probabilities.as_slice()[class]);
    }
    Ok(())
}

/// A picture of a three, as anybody might have drawn it.
fn draw() -> Result<PathBuf, shapewright::Error> {
    let path = PathBuf::from("target/three.png");
    let ink = common::drawn_digits::digit(3, 64, &mut Chance::new(1, 0, 0));
    Picture::from_fn(64, 64, |x, y| [255 - ink[64 * y + x]; 3]).save(&path)?;
    Ok(path)
}
