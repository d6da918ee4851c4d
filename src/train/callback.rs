//! Whoever is told how a training goes.

use core::ops::ControlFlow;

use super::report::{Epoch, Report};
use crate::element::Element;
use crate::error::Error;
use crate::model::Model;

/// What is told of a training as it goes: one method a moment. An error ends the training. What needs the model itself is a
/// function for [`Trainer::each_epoch`](super::Trainer::each_epoch).
///
/// # Examples
///
/// ```
/// use core::ops::ControlFlow;
///
/// use shapewright::Error;
/// use shapewright::train::{Callback, Epoch};
///
/// /// Ends a training that is good enough.
/// struct Enough(f64);
///
/// impl Callback for Enough {
///     fn epoch(&mut self, epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
///         Ok(if epoch.accuracy >= self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
///     }
/// }
/// ```
pub trait Callback {
    /// The training begins, or goes on after a resumption.
    ///
    /// # Errors
    ///
    /// Whatever shall end the training.
    fn start(&mut self, _plan: &Plan<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// A step has been taken; `Break` ends the training.
    ///
    /// # Errors
    ///
    /// Whatever shall end the training.
    fn step(&mut self, _step: &Step) -> Result<ControlFlow<()>, Error> {
        Ok(ControlFlow::Continue(()))
    }

    /// An epoch is over; `Break` ends the training.
    ///
    /// # Errors
    ///
    /// Whatever shall end the training.
    fn epoch(&mut self, _epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
        Ok(ControlFlow::Continue(()))
    }

    /// The training is over.
    ///
    /// # Errors
    ///
    /// Whatever the caller of `fit` shall see.
    fn end(&mut self, _report: &Report) -> Result<(), Error> {
        Ok(())
    }
}

/// Every epoch to a function that only looks.
impl<F: FnMut(&Epoch)> Callback for F {
    fn epoch(&mut self, epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
        self(epoch);
        Ok(ControlFlow::Continue(()))
    }
}

/// Who is shown the model of a training when an epoch is over: a function of the [`Epoch`] and the [`Model`].
pub trait Onlooker<N, E: Element> {
    /// An epoch is over; `Break` ends the training.
    ///
    /// # Errors
    ///
    /// Whatever shall end the training.
    fn epoch(&mut self, epoch: &Epoch, model: &Model<N, E>) -> Result<ControlFlow<()>, Error>;
}

impl<N, E: Element, F: FnMut(&Epoch, &Model<N, E>) -> Result<ControlFlow<()>, Error>> Onlooker<N, E> for F {
    fn epoch(&mut self, epoch: &Epoch, model: &Model<N, E>) -> Result<ControlFlow<()>, Error> {
        self(epoch, model)
    }
}

/// No one looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl<N, E: Element> Onlooker<N, E> for Nobody {
    fn epoch(&mut self, _epoch: &Epoch, _model: &Model<N, E>) -> Result<ControlFlow<()>, Error> {
        Ok(ControlFlow::Continue(()))
    }
}

/// What a training is going to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Epochs in all.
    pub epochs: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Training samples.
    pub samples: usize,
    /// The epochs that ran before a resumption.
    pub history: &'a [Epoch],
}

/// A step that has been taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Which epoch, from 1.
    pub epoch: usize,
    /// Which step of the epoch, from 1.
    pub step: usize,
    /// The mean loss of its samples.
    pub loss: f64,
    /// The share of its samples that the model got right, 0 to 1; NaN if the loss knows of no classes.
    pub accuracy: f64,
    /// How many samples it took.
    pub samples: usize,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The Euclidean length of the gradient of all parameters that are not frozen, before it was clipped.
    pub gradient_norm: f64,
}
