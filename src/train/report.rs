//! What comes out of a training.

use core::fmt;
use std::time::Duration;

/// What came out of one pass through the training data. Its `Display` is a line of progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Which epoch, from 1.
    pub number: usize,
    /// Of how many.
    pub epochs: usize,
    /// The mean loss of the training samples during the epoch, in training mode.
    pub loss: f64,
    /// The share of the training samples that the model got right during the epoch, in training mode, 0 to 1: what Keras calls `accuracy`.
    /// NaN if the loss knows of no classes.
    pub training_accuracy: f64,
    /// The mean loss of the held-out samples after the epoch; NaN if there are none.
    pub held_out_loss: f64,
    /// The share of held-out samples that the model gets right after the epoch, 0 to 1: what Keras calls `val_accuracy`. NaN if there are
    /// none.
    pub accuracy: f64,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// How long it took, held-out samples included.
    pub duration: Duration,
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, epochs, loss, training_accuracy, accuracy, duration, .. } = self;
        let width = epochs.to_string().len();
        write!(f, "epoch {number:>width$}/{epochs}  loss {loss:.4}")?;
        if !training_accuracy.is_nan() {
            write!(f, "  training accuracy {training_accuracy:.4}")?;
        }
        write!(f, "  accuracy {accuracy:.4}  {duration:.2?}")
    }
}

/// What came out of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Every epoch, those before a resumption too.
    pub epochs: Vec<Epoch>,
    /// Why it ended.
    pub stopped: Stopped,
}

impl Report {
    /// The epoch with the least held-out loss, the first of equals.
    #[must_use]
    pub fn best(&self) -> Option<&Epoch> {
        best(&self.epochs)
    }

    /// The last epoch.
    #[must_use]
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }
}

/// The epoch with the least held-out loss, the first of equals; what is not a number is as bad as infinity.
pub(super) fn best(epochs: &[Epoch]) -> Option<&Epoch> {
    let held_out_loss = |epoch: &Epoch| if epoch.held_out_loss.is_nan() { f64::INFINITY } else { epoch.held_out_loss };
    epochs.iter().min_by(|a, b| held_out_loss(a).total_cmp(&held_out_loss(b)))
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All epochs have run.
    Finished,
    /// The held-out loss has not fallen for as many epochs as there was patience.
    Early,
    /// A callback asked for it.
    Asked,
}
