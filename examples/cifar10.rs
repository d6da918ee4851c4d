//! Trains a small residual network on CIFAR-10, with what a good result takes: normalised and augmented pictures, a learning rate that rises and falls, weight decay.
//!
//! ```text
//! cargo run --release --example cifar10 -- --data DIR    # CIFAR-10, binary version, in DIR or DIR/cifar-10-batches-bin
//! cargo run --release --example cifar10                  # shapes that the program draws, in files of the same form
//! ```
//!
//! Prints a line for each epoch, the accuracy on the test pictures, and which classes are hardest; with CIFAR-10 that takes minutes. Leaves in `target/cifar10/` the
//! curves of the training and the confusion matrix as pictures, and the weights (`weights.safetensors`), batch norms folded into them, with the names of the classes
//! and the normalisation beside them. Nothing is downloaded.

use std::error::Error;
use std::fs;

use shapewright::augment::{Augment, HorizontalFlip, RandomCrop};
use shapewright::data::{Normalisation, cifar10};
use shapewright::prelude::*;
use shapewright::train::{OneCycle, evaluate};
use shapewright::{Card, plot};

mod common {
    pub(crate) mod data_folder;
    pub(crate) mod drawn_cifar10;
}
use common::{data_folder::data_folder, drawn_cifar10};

net! {
    /// Three residual blocks; where the size halves, the shortcut is a 1×1 convolution.
    pub SmallResNet: Image<3, 32, 32> => Vector<10> =
        conv(3=>16, k3, pad1, nobias) >> batchnorm >> relu
        >> block1: residual(conv(16, k3, pad1, nobias) >> batchnorm >> relu >> conv(16, k3, pad1, nobias) >> batchnorm) >> relu
        >> block2: residual(conv(32, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(32, k3, pad1, nobias) >> batchnorm
            | conv(32, k1, s2, nobias) >> batchnorm) >> relu
        >> block3: residual(conv(64, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(64, k3, pad1, nobias) >> batchnorm
            | conv(64, k1, s2, nobias) >> batchnorm) >> relu
        >> global_avgpool >> flatten >> head: dense(10)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = data_folder("target/cifar10/drawn", |folder| drawn_cifar10::write(folder, 120))?;
    let (train, test) = cifar10(folder)?;
    let normalisation = Normalisation::of(&train)?;
    let (train, test) = (train.normalised(&normalisation), test.normalised(&normalisation));
    println!("{} pictures to train on, {} to test on", train.len(), test.len());

    let mut model = Model::new(SmallResNet, 1);
    println!("{} parameters, {} multiply-accumulates a picture\n", SmallResNet::PARAMS, SmallResNet::MACS);
    let report = Trainer::new(AdamW::new(1e-2).weight_decay(1e-2).decay_weights_only())
        .epochs(8)
        .batch_size(32)
        .seed(1)
        .schedule(OneCycle)
        .augment(RandomCrop::padded(4).then(HorizontalFlip))
        .prefetch(2)
        .progress()
        .fit(&mut model, &train, &test)?;

    model.fold(); // from here on batch norms cost nothing
    let evaluation = evaluate(&model, &test, &CrossEntropy);
    let names = test.class_names().expect("the classes have names");
    println!("\ntest accuracy: {:.3}, among the first three answers {:.3}", evaluation.accuracy(), evaluation.top(3));
    let mut classes: Vec<usize> = (0..10).collect();
    classes.sort_by(|&a, &b| evaluation.recall(a).total_cmp(&evaluation.recall(b)));
    for &class in &classes[..3] {
        println!("{:>10}: {:.3} of its pictures are right", names[class], evaluation.recall(class));
    }

    fs::create_dir_all("target/cifar10")?;
    plot::history(&report.epochs).save("target/cifar10/curves.svg")?;
    plot::confusion(&evaluation.confusion(), names).save("target/cifar10/confusion.svg")?;
    model.save_with("target/cifar10/weights.safetensors", &Card::of(names).normalised(&normalisation))?;
    println!("target/cifar10 has curves.svg, confusion.svg and weights.safetensors");
    Ok(())
}
