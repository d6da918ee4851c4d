//! Trains the same network in f32 and in f64.
//!
//! ```text
//! cargo run --release --example f64
//! ```
//!
//! A model is cast, and so is a data set; everything else is the same code for both. Prints how far the gradients are apart before the first step, which is what
//! rounding to 24 bits does; then the losses epoch by epoch, which stay alike in five or six digits; and that both end equally good. f64 is for gradient checks and for
//! questions about rounding: it takes more time and twice the memory, and learns no better.

use std::time::Duration;

use shapewright::data::digits;
use shapewright::prelude::*;
use shapewright::train::Report;
use shapewright::{Element, Error};

net! {
    pub Net: Image<1, 8, 8> => Vector<10> =
        conv(1=>8, k3, pad1) >> batchnorm >> silu >> conv(8=>16, k3, pad1) >> silu >> pool2 >> flatten >> dense(10)
}

fn main() -> Result<(), Error> {
    let (train, test) = digits();
    let mut single = Model::new(Net, 1);
    let mut double = single.cast::<f64>();

    let few = train.select(&(0..32).collect::<Vec<_>>());
    let (_, rounded) = single.gradients(few.inputs(), few.labels(), &CrossEntropy)?;
    let (_, exact) = double.gradients(few.cast().inputs(), few.labels(), &CrossEntropy)?;
    let apart = rounded.as_slice().iter().zip(exact.as_slice()).map(|(&a, &b)| (f64::from(a) - b).abs());
    let largest = exact.as_slice().iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    println!("the largest gradient is {largest:.3}; in f32 they are at most {:.1e} off\n", apart.fold(0.0, f64::max));

    let [single, double] = [trained(&mut single, &train, &test)?, trained(&mut double, &train.cast(), &test.cast())?];
    println!("epoch  loss in f32       in f64            apart");
    for (a, b) in single.epochs.iter().zip(&double.epochs) {
        println!("{:5}  {:.14}  {:.14}  {:.1e}", a.number, a.loss, b.loss, (a.loss - b.loss).abs());
    }
    for (name, report) in [("f32", single), ("f64", double)] {
        let time: Duration = report.epochs.iter().map(|epoch| epoch.duration).sum();
        let accuracy = report.last().map_or(f64::NAN, |epoch| epoch.accuracy);
        println!("{name}: accuracy {accuracy:.3}, {time:.2?}");
    }
    Ok(())
}

/// Eight epochs, in whatever the model calculates in.
fn trained<E: Element>(
    model: &mut Model<Net, E>,
    train: &Dataset<Image<1, 8, 8>, 10, E>,
    test: &Dataset<Image<1, 8, 8>, 10, E>,
) -> Result<Report, Error> {
    Trainer::new(Adam::new(0.003)).epochs(8).batch_size(32).seed(1).fit(model, train, test)
}
