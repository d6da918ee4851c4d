//! Compares every gradient of a network with differences of its loss, and tries what should be tried before a long training.
//!
//! ```text
//! cargo run --release --example gradient_check
//! ```
//!
//! Prints a line for each parameter with the largest relative error, which is below 1e-6; the loss of the untrained network beside ln 10; after how many steps
//! it knows ten digits by heart; and the loss over rising learning rates. What is wrong ends the program with an error.

use std::error::Error;

use shapewright::data::digits;
use shapewright::prelude::*;
use shapewright::train::{find_learning_rate, gradcheck, initial_loss, overfit};

net! {
    /// A bit of everything: a strided convolution, a norm, a residual block, average pooling.
    pub Net: Image<1, 8, 8> => Vector<10> =
        conv(1=>8, k3, s2, pad1) >> batchnorm >> silu >> residual(conv(8=>8, k3, pad1) >> tanh)
        >> avgpool(k2) >> flatten >> dense(10)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (train, _) = digits();
    let few = train.select(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let mut model = Model::new(Net, 1);

    for check in gradcheck(&model, few.inputs(), few.labels())? {
        println!("{check}");
        if check.error > 1e-6 {
            return Err(format!("the gradient of {} is wrong", check.name).into());
        }
    }

    let (loss, chance) = initial_loss(&model, few.inputs(), few.labels())?;
    println!("\nuntrained, the loss is {loss:.3}; that of a network that knows nothing is ln 10 = {chance:.3}");

    let some = train.select(&(0..200).collect::<Vec<_>>());
    println!("\nlearning rate  loss");
    let losses = find_learning_rate(&model, some.inputs(), some.labels(), (1e-4, 10.0), Sgd::new)?;
    for (rate, loss) in losses.iter().step_by(8) {
        println!("{rate:13.5}  {loss:.3}");
    }

    let steps = overfit(&mut model, few.inputs(), few.labels(), 1_000)?;
    let steps = steps.ok_or("ten digits could not be learned by heart in 1,000 steps: something is wrong")?;
    println!("\nten digits are known by heart after {steps} steps");
    Ok(())
}
