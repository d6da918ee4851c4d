//! Tells waves by their form: a network in one dimension.
//!
//! ```text
//! cargo run --release --example sequence
//! ```
//!
//! Draws waves of four forms, each of another length, phase and strength, with noise over them. Sequences take the same words as images: `conv(8, k9, s2)` slides over 128
//! values of one channel here. Prints the network's table, a line for each epoch, the confusion matrix, and some waves with what the network says of them.

use std::f64::consts::TAU;

use shapewright::Error;
use shapewright::augment::Chance;
use shapewright::prelude::*;
use shapewright::train::evaluate;

const FORMS: [&str; 4] = ["sine", "square", "triangle", "sawtooth"];

net! {
    /// Two convolutions find edges and slopes, wherever they are; what is largest of each anywhere decides.
    pub Waves: Sequence<1, 128> => Vector<4> =
        conv(1=>8, k9, s2) >> relu >> conv(8=>16, k9, s2) >> relu >> global_maxpool >> flatten >> dense(4)
}

fn main() -> Result<(), Error> {
    let (train, test) = (waves(600, 1)?, waves(200, 2)?);
    let mut model = Model::new(Waves, 1);
    println!("{}", model.summary());
    Trainer::new(Adam::new(0.01)).epochs(12).batch_size(20).seed(1).progress().fit(&mut model, &train, &test)?;

    let evaluation = evaluate(&model, &test, &CrossEntropy);
    println!("\n{evaluation}\ntest accuracy: {:.3}\n", evaluation.accuracy());
    for wave in (0..4).filter_map(|sample| test.inputs().tensor(sample)) {
        println!("{}  {}", line(wave.as_slice()), FORMS[model.predict(&wave).class]);
    }
    Ok(())
}

/// So many waves, as random as the seed is.
fn waves(count: usize, seed: u64) -> Result<Dataset<Sequence<1, 128>, 4>, Error> {
    let labels: Vec<usize> = (0..FORMS.len()).cycle().take(count).collect();
    let mut values: Vec<f64> = Vec::new();
    for (sample, &form) in labels.iter().enumerate() {
        let mut chance = Chance::new(seed, 0, sample);
        let (length, phase, strength) = (chance.between(20.0, 60.0), chance.uniform(), chance.between(0.6, 1.0));
        values.extend((0..128).map(|position| {
            let turn = (f64::from(position) / length + phase).fract(); // 0 to 1 from a wave to the next
            let value = match form {
                0 => (TAU * turn).sin(),
                1 => (0.5 - turn).signum(),
                2 => 4.0 * (turn - 0.5).abs() - 1.0,
                _ => 2.0 * turn - 1.0,
            };
            strength * value + chance.between(-0.15, 0.15)
        }));
    }
    Ok(Dataset::new(Batch::from_vec(count, values)?.cast(), Labels::new(&labels)?)?.with_class_names(FORMS))
}

/// A wave as a line of text, two values a letter.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is at least 0 and below 8")]
fn line(wave: &[f32]) -> String {
    let letter =
        |values: &[f32]| ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][(3.5 * values[0].clamp(-1.0, 1.0) + 4.0) as usize];
    wave.chunks(2).map(letter).collect()
}
