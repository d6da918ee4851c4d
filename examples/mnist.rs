//! Trains the first convolutional network of a course on MNIST.
//!
//! ```text
//! cargo run --release --example mnist -- --data DIR    # MNIST's four files, packed or not, in DIR or DIR/MNIST/raw
//! cargo run --release --example mnist                  # digits that the program draws, in files of the same form
//! ```
//!
//! Prints the network's table, a line for each epoch, the confusion matrix and the accuracy on the test digits. Leaves in `target/mnist/` the 32 filters that it
//! has learned (`filters.png`) and the digits that it takes for others (`mistakes.svg`). Nothing is downloaded.

use std::error::Error;
use std::fs;

use shapewright::data::mnist;
use shapewright::plot;
use shapewright::prelude::*;
use shapewright::train::{Cosine, evaluate};

mod common {
    pub(crate) mod data_folder;
    pub(crate) mod drawn_digits;
    pub(crate) mod drawn_mnist;
}
use common::{data_folder::data_folder, drawn_mnist};

net! {
    /// A convolution and two dense layers: `ThreeLayerConvNet` of Stanford's CS231n, for pictures of one channel.
    pub ThreeLayerConvNet: Image<1, 28, 28> => Vector<10> =
        conv1: conv(1=>32, k7, pad3) >> relu >> pool2 >> flatten >> fc1: dense(100) >> relu >> fc2: dense(10)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = data_folder("target/mnist/drawn", |folder| drawn_mnist::write(folder, [1_200, 300]))?;
    let (train, test) = mnist(folder)?;
    println!("{} digits to train on, {} to test on\n", train.len(), test.len());

    let mut model = Model::new(ThreeLayerConvNet, 1);
    println!("{}", model.summary());
    Trainer::new(Adam::new(1e-3))
        .epochs(4)
        .batch_size(50)
        .seed(1)
        .schedule(Cosine)
        .progress()
        .fit(&mut model, &train, &test)?;

    let evaluation = evaluate(&model, &test, &CrossEntropy);
    println!("\n{evaluation}\ntest accuracy: {:.3}", evaluation.accuracy());

    fs::create_dir_all("target/mnist")?;
    let names = test.class_names().expect("the digits have names");
    plot::filters(model.param("conv1.weight")?).save("target/mnist/filters.png")?;
    plot::mistakes(&model, &test, names, 24).save("target/mnist/mistakes.svg")?;
    println!("the filters and the mistakes are pictures in target/mnist");
    Ok(())
}
