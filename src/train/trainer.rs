//! The training loop.

use std::sync::Arc;

use super::callback::{Callback, Nobody, Onlooker};
use super::changes::{AsTheyAre, Augmenting, Changes};
use super::checkpoint::Checkpoints;
use super::held_out::{HeldOut, LossFor, Measure};
use super::report::Report;
use super::run::Run;
use super::schedule::{Constant, Schedule};
use crate::augment::Augment;
use crate::data::Source;
use crate::element::Element;
use crate::error::Error;
use crate::loss::{CrossEntropy, Loss};
use crate::misplaced::constructed;
use crate::model::{Before, Model, OutputOf};
use crate::network::Network;
use crate::optim::Optimizer;
use crate::shape::rules::Scores;

/// Trains a model: how long, in which steps, and who is told.
///
/// The same seeds give the same bits on a machine, whatever the number of threads, and whether the training was interrupted and
/// resumed or not.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::train::Cosine;
///
/// let inputs = Batch::from_fn(40, |sample, index| if index == sample % 2 { 1.0 } else { 0.0 });
/// let labels = Labels::new(&(0..40).map(|sample| sample % 2).collect::<Vec<_>>())?;
/// let (train, test) = Dataset::<Vector<2>, 2>::new(inputs, labels)?.split(32, 0)?;
///
/// let mut model = Model::new(net!(Vector<2> => dense(2)), 1);
/// let report = Trainer::new(AdamW::new(0.1))
///     .epochs(30)
///     .batch_size(10)
///     .seed(1)
///     .schedule(Cosine::with_warmup(10))
///     .clip_norm(1.0)
///     .callback(|epoch: &Epoch| println!("{epoch}"))
///     .fit(&mut model, &train, &test)?;
/// assert_eq!(report.last().unwrap().accuracy, 1.0);
/// # use shapewright::train::Epoch;
/// # Ok::<(), shapewright::Error>(())
/// ```
pub struct Trainer<'a, O, L = CrossEntropy, C = AsTheyAre, H = Nobody> {
    pub(super) optimizer: O,
    pub(super) loss: L,
    pub(super) changes: Arc<C>,
    pub(super) onlooker: H,
    pub(super) epochs: usize,
    pub(super) batch_size: usize,
    pub(super) seed: u64,
    pub(super) accumulate: usize,
    pub(super) ahead: usize,
    pub(super) schedule: Box<dyn Schedule + 'a>,
    pub(super) clip_norm: Option<f64>,
    pub(super) average: Option<f64>,
    pub(super) patience: Option<Patience>,
    pub(super) callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(super) checkpoints: Checkpoints,
}

/// How many epochs in a row may pass without a new least held-out loss before a training ends; 0 is as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience(pub usize);

constructed! { Patience(Epochs) }

impl<O> Trainer<'_, O> {
    /// One epoch of steps of 32 samples by this optimizer, with [`CrossEntropy`](struct@CrossEntropy), in an order drawn from seed 0.
    #[must_use]
    pub fn new(optimizer: O) -> Self {
        Self {
            optimizer,
            loss: CrossEntropy,
            changes: Arc::new(AsTheyAre),
            onlooker: Nobody,
            epochs: 1,
            batch_size: 32,
            seed: 0,
            accumulate: 1,
            ahead: 0,
            schedule: Box::new(Constant),
            clip_norm: None,
            average: None,
            patience: None,
            callbacks: Vec::new(),
            checkpoints: Checkpoints::default(),
        }
    }
}

impl<'a, O, L, C, H> Trainer<'a, O, L, C, H> {
    /// How often to go through all samples.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Samples that are differentiated at once; at the end of an epoch what is left.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// What the order of the samples is drawn from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How the learning rate changes.
    #[must_use]
    pub fn schedule(mut self, schedule: impl Schedule + 'a) -> Self {
        self.schedule = Box::new(schedule);
        self
    }

    /// What is made small: [`CrossEntropy`](struct@CrossEntropy) or another loss of labels, which held-out data have. For targets that are
    /// values, as [`MeanSquaredError`](crate::MeanSquaredError) compares, call [`Model::step`] in a loop of your own. A reference to a loss
    /// is a loss, too.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// net! { pub Line: Vector<2> => Vector<2> = dense(2) }
    ///
    /// let data = Dataset::new(Batch::from([[1.0, 0.0], [0.0, 1.0]]), Labels::new(&[0, 1])?)?;
    /// let smoothed = CrossEntropy::new().label_smoothing(0.1).class_weights([1.0, 3.0]);
    /// let (mut lent, mut given) = (Model::new(Line, 1), Model::new(Line, 1));
    /// Trainer::new(Sgd::new(0.5)).loss(&smoothed).fit(&mut lent, &data, &data)?;
    /// Trainer::new(Sgd::new(0.5)).loss(smoothed).fit(&mut given, &data, &data)?;
    /// assert_eq!(lent.parameters(), given.parameters());
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    #[must_use]
    pub fn loss<M>(self, loss: M) -> Trainer<'a, O, M, C, H> {
        self.with(|_, changes, onlooker| (loss, changes, onlooker))
    }

    /// Changes training pictures at random, each epoch in another way: see [`augment`](crate::augment).
    #[must_use]
    pub fn augment<A: Augment>(self, augment: A) -> Trainer<'a, O, L, Augmenting<A>, H> {
        self.with(|loss, _, onlooker| (loss, Arc::new(Augmenting(augment)), onlooker))
    }

    /// Shows the model to `look` after each epoch, as it has been evaluated: to keep it in a way of your own, or to measure what
    /// [`Epoch`](super::Epoch) does not say. `Break` ends the training. There is one `look`; for all that needs no model there are
    /// [callbacks](Self::callback).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::ops::ControlFlow;
    ///
    /// use shapewright::prelude::*;
    /// use shapewright::train::{Epoch, Stopped};
    ///
    /// net! { pub Line: Vector<2> => Vector<2> = dense(2) }
    ///
    /// let data = Dataset::new(Batch::from([[1.0, 0.0], [0.0, 1.0]]), Labels::new(&[0, 1])?)?;
    /// let mut largest = Vec::new();
    /// let report = Trainer::new(Sgd::new(0.5))
    ///     .epochs(1000)
    ///     .each_epoch(|_: &Epoch, model: &Model<Line>| {
    ///         largest.push(model.parameters().iter().copied().fold(0.0, f32::max));
    ///         Ok(if largest.last() > Some(&1.5) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    ///     })
    ///     .fit(&mut Model::new(Line, 1), &data, &data)?;
    /// assert_eq!(report.stopped, Stopped::Asked);
    /// assert_eq!(report.epochs.len(), largest.len());
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    #[must_use]
    pub fn each_epoch<F>(self, look: F) -> Trainer<'a, O, L, C, F> {
        self.with(|loss, changes, _| (loss, changes, look))
    }

    fn with<M, B, F>(self, exchange: impl FnOnce(L, Arc<C>, H) -> (M, Arc<B>, F)) -> Trainer<'a, O, M, B, F> {
        let Self { optimizer, loss, changes, onlooker, epochs, batch_size, seed, accumulate, ahead, .. } = self;
        let Self { schedule, clip_norm, average, patience, callbacks, checkpoints, .. } = self;
        let (loss, changes, onlooker) = exchange(loss, changes, onlooker);
        Trainer {
            optimizer,
            loss,
            changes,
            onlooker,
            epochs,
            batch_size,
            seed,
            accumulate,
            ahead,
            schedule,
            clip_norm,
            average,
            patience,
            callbacks,
            checkpoints,
        }
    }

    /// Reads so many batches ahead, on a thread of their own: for sources that take their time.
    #[must_use]
    pub fn prefetch(mut self, batches: usize) -> Self {
        self.ahead = batches;
        self
    }

    /// Takes the gradients of so many batches, weighted by their samples, for one step: batches larger than memory.
    #[must_use]
    pub fn accumulate(mut self, batches: usize) -> Self {
        self.accumulate = batches;
        self
    }

    /// Shortens the gradient of all parameters to this Euclidean length where it is longer (Pascanu et al., 2013,
    /// <https://arxiv.org/abs/1211.5063>). [Frozen](Model::freeze) parameters do not count, as in PyTorch, where they have no gradient.
    #[must_use]
    pub fn clip_norm(mut self, norm: f64) -> Self {
        self.clip_norm = Some(norm);
        self
    }

    /// Evaluates, and leaves in the model, the exponential moving average of the parameters: a ← δ·a + (1−δ)·θ after each step, with
    /// δ = `decay`. Running statistics are those of the last step.
    #[must_use]
    pub fn average_weights(mut self, decay: f64) -> Self {
        self.average = Some(decay);
        self
    }

    /// Ends the training when the held-out loss does not fall any more: there must be held-out samples.
    #[must_use]
    pub fn early_stopping(mut self, patience: Patience) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Tells `callback` how it goes; they are told in the order in which they were added.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// [`callback`](Self::callback), for one that writes a log.
    #[must_use]
    pub fn log(self, log: impl Callback + 'a) -> Self {
        self.callback(log)
    }

    /// Trains `model` on `train` and looks after each epoch how it does on `held_out`: in this order, the model, the data to train on, the
    /// data held out. Both may be data sets of one type, so nothing tells where they are swapped.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a number that cannot be, [`Error::EmptyBatch`] if there are no samples, [`Error::Step`] with the epoch,
    /// the step and the stage if a loss or gradient is not finite, [`Error::Resume`] if a checkpoint is of another training,
    /// [`Error::Checkpoints`] if there are some and it is not to be resumed, and those of callbacks. The parameters and running statistics are
    /// then those of the last good step, and checkpoints stay.
    ///
    /// After an epoch the held-out loss, the parameters and the running statistics must be finite, too. If they are not, [`Error::Step`] of the
    /// last step says so, the model is as that step left it, and nothing is saved of it.
    pub fn fit<N, E, D, T, K>(self, model: &mut Model<N, E>, train: &D, held_out: &K) -> Result<Report, Error>
    where
        N: Network,
        E: Element,
        O: Optimizer<E>,
        D: Source<N::Input, E, Targets = T>,
        T: Sync,
        K: HeldOut<N::Input, E, T>,
        OutputOf<N>: Scores,
        LossFor<T, L>: Loss<OutputOf<N>, T>,
        LossFor<T, LossFor<K::Labels, L>>: Loss<OutputOf<N>, K::Labels>,
        C: Changes<N::Input, E>,
        H: Onlooker<N, E>,
    {
        self.check(K::Measure::samples(held_out))?;
        if train.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let average = self.average.map_or_else(Vec::new, |_| model.parameters().to_vec());
        let (sums, before, history) = (Vec::new(), Before::default(), Vec::new());
        Run { trainer: self, model, train, held_out, average, sums, before, history }.all()
    }

    fn check(&self, held_out: usize) -> Result<(), Error> {
        let at_least_one = |name, value: usize| match value {
            0 => Err(Error::Setting { name, value: 0.0, allowed: "at least 1" }),
            _ => Ok(()),
        };
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("accumulate", self.accumulate)?;
        if self.patience.is_some() && held_out == 0 {
            let (name, allowed) = ("the number of held-out samples", "at least 1 for early stopping");
            return Err(Error::Setting { name, value: 0.0, allowed });
        }
        match (self.clip_norm, self.average) {
            (Some(value), _) if value.is_nan() || value <= 0.0 => {
                Err(Error::Setting { name: "clip_norm", value, allowed: "above 0" })
            }
            (_, Some(value)) if !(0.0..1.0).contains(&value) => {
                Err(Error::Setting { name: "average_weights", value, allowed: "at least 0 and below 1" })
            }
            _ => Ok(()),
        }
    }
}
