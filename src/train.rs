//! A plain training loop.

use core::fmt;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::data::{Dataset, shuffled};
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::loss::Loss;
use crate::model::{Model, OutputOf, argmax};
use crate::network::Network;
use crate::optim::Optimizer;
use crate::shape::rules::Scores;

/// How to go through the training data.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let inputs = Batch::from_fn(40, |sample, index| if index == sample % 2 { 1.0 } else { 0.0 });
/// let labels = Labels::new(&(0..40).map(|sample| sample % 2).collect::<Vec<_>>())?;
/// let (train, test) = Dataset::<Vector<2>, 2>::new(inputs, labels)?.split(32, 0);
///
/// let mut model = Model::new(net!(Vector<2> => dense(2)), 1);
/// let fit = Fit { epochs: 30, batch_size: 10, seed: 1 };
/// let last = fit.run(&mut model, &CrossEntropy, &mut Sgd::new(0.5), &train, &test, |epoch| println!("{epoch}"))?;
/// assert_eq!(last.unwrap().accuracy, 1.0);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// How often to go through all samples.
    pub epochs: usize,
    /// Samples a step; the last step of an epoch takes what is left.
    pub batch_size: usize,
    /// What the order of the samples is drawn from.
    pub seed: u64,
}

/// What came out of one pass through the training data. Its `Display` is a line of progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Which epoch, from 1.
    pub number: usize,
    /// Of how many.
    pub epochs: usize,
    /// The mean loss of the training samples during the epoch.
    pub loss: f64,
    /// The share of held-out samples that the model gets right after the epoch, 0 to 1.
    pub accuracy: f64,
    /// How long it took, held-out samples included.
    pub duration: Duration,
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, epochs, loss, accuracy, duration } = self;
        let width = epochs.to_string().len();
        write!(f, "epoch {number:>width$}/{epochs}  loss {loss:.4}  accuracy {accuracy:.4}  {duration:.2?}")
    }
}

impl Fit {
    /// Trains `model` and reports each epoch. Returns the last one, or `None` if there was no epoch.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if the batch size is 0, [`Error::EmptyBatch`] if there are no samples, and those of
    /// [`Model::step`]; the parameters are then those of the last good step.
    pub fn run<N, E, L, const CLASSES: usize>(
        &self,
        model: &mut Model<N, E>,
        loss: &L,
        optimizer: &mut impl Optimizer<E>,
        train: &Dataset<N::Input, CLASSES, E>,
        held_out: &Dataset<N::Input, CLASSES, E>,
        mut report: impl FnMut(&Epoch),
    ) -> Result<Option<Epoch>, Error>
    where
        N: Network,
        E: Element,
        L: Loss<OutputOf<N>, Labels<CLASSES>>,
        OutputOf<N>: Scores,
    {
        if self.batch_size == 0 {
            return Err(Error::Setting { name: "batch_size", value: 0.0, allowed: "at least 1" });
        }
        if train.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        let mut last = None;
        for number in 1..=self.epochs {
            let start = Instant::now();
            let mut total = 0.0;
            for indices in shuffled(train.len(), &mut generator).chunks(self.batch_size) {
                let batch = train.select(indices);
                let mean = model.step(batch.inputs(), batch.labels(), loss, optimizer)?;
                total += mean.as_f64() * indices.len() as f64;
            }
            let epoch = Epoch {
                number,
                epochs: self.epochs,
                loss: total / train.len() as f64,
                accuracy: accuracy(model, held_out),
                duration: start.elapsed(),
            };
            report(&epoch);
            last = Some(epoch);
        }
        Ok(last)
    }
}

/// The share of samples whose largest output is that of their class, 0 to 1; NaN if there are no samples.
#[must_use]
pub fn accuracy<N, E, const CLASSES: usize>(model: &Model<N, E>, data: &Dataset<N::Input, CLASSES, E>) -> f64
where
    N: Network,
    E: Element,
    OutputOf<N>: Scores,
{
    let outputs = model.forward(data.inputs());
    let right = outputs.iter().zip(data.labels().as_slice()).filter(|&(y, &label)| argmax(y) == label).count();
    right as f64 / data.len() as f64
}
