//! The training loop.

use core::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::callback::{Callback, Nobody, Onlooker, Plan, Step};
use super::changes::{AsTheyAre, Augmenting, Changed, Changes};
use super::checkpoint::{Checkpoints, State};
use super::evaluation::evaluate;
use super::report::{Epoch, Report, Stopped, best};
use super::schedule::{Constant, Moment, Schedule};
use crate::augment::Augment;
use crate::batch::Batch;
use crate::data::{Batches, Dataset, Source, order, prefetch};
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::loss::{CrossEntropy, Loss};
use crate::model::{Model, OutputOf};
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
    optimizer: O,
    loss: L,
    changes: Arc<C>,
    onlooker: H,
    epochs: usize,
    batch_size: usize,
    seed: u64,
    accumulate: usize,
    ahead: usize,
    schedule: Box<dyn Schedule + 'a>,
    clip_norm: Option<f64>,
    average: Option<f64>,
    patience: Option<Patience>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(super) checkpoints: Checkpoints,
}

/// How many epochs in a row a training goes on without a new least held-out loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience(pub usize);

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

    /// What is made small.
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
    /// [`Epoch`] does not say. `Break` ends the training. There is one `look`; for all that needs no model there are
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
    ///     .epochs(50)
    ///     .each_epoch(|_: &Epoch, model: &Model<Line>| {
    ///         largest.push(model.parameters().iter().copied().fold(0.0, f32::max));
    ///         Ok(if largest.last() > Some(&2.0) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
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
    /// <https://arxiv.org/abs/1211.5063>).
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

    /// Ends the training when the held-out loss does not fall any more.
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

    /// Trains `model`.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a number that cannot be, [`Error::EmptyBatch`] if there are no samples, [`Error::Step`] with the epoch,
    /// the step and the stage if a loss or gradient is not finite, [`Error::Resume`] if a checkpoint is of another training, and those of
    /// callbacks. The parameters are then those of the last good step, and checkpoints stay.
    pub fn fit<N, E, D, const CLASSES: usize>(
        self,
        model: &mut Model<N, E>,
        train: &D,
        held_out: &Dataset<N::Input, CLASSES, E>,
    ) -> Result<Report, Error>
    where
        N: Network,
        E: Element,
        O: Optimizer<E>,
        D: Source<N::Input, E>,
        OutputOf<N>: Scores,
        L: Loss<OutputOf<N>, Labels<CLASSES>> + Loss<OutputOf<N>, D::Targets>,
        C: Changes<N::Input, E>,
        H: Onlooker<N, E>,
    {
        self.check()?;
        if train.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let average = self.average.map_or_else(Vec::new, |_| model.parameters().to_vec());
        Run { trainer: self, model, train, held_out, average, sums: Vec::new(), history: Vec::new() }.all()
    }

    fn check(&self) -> Result<(), Error> {
        let at_least_one = |name, value: usize| match value {
            0 => Err(Error::Setting { name, value: 0.0, allowed: "at least 1" }),
            _ => Ok(()),
        };
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("accumulate", self.accumulate)?;
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

/// A training as it goes.
struct Run<'r, 'a, N: Network, E: Element, O, L, C, H, D, const CLASSES: usize> {
    trainer: Trainer<'a, O, L, C, H>,
    model: &'r mut Model<N, E>,
    train: &'r D,
    held_out: &'r Dataset<N::Input, CLASSES, E>,
    /// The moving average of the parameters, if there is one.
    average: Vec<E>,
    /// The gradients of the batches of a step, if they are several.
    sums: Vec<E>,
    history: Vec<Epoch>,
}

impl<N, E, O, L, C, H, D, const CLASSES: usize> Run<'_, '_, N, E, O, L, C, H, D, CLASSES>
where
    N: Network,
    E: Element,
    O: Optimizer<E>,
    L: Loss<OutputOf<N>, D::Targets> + Loss<OutputOf<N>, Labels<CLASSES>>,
    C: Changes<N::Input, E>,
    H: Onlooker<N, E>,
    D: Source<N::Input, E>,
    OutputOf<N>: Scores,
{
    fn all(mut self) -> Result<Report, Error> {
        let checkpoints = core::mem::take(&mut self.trainer.checkpoints);
        checkpoints.load(self.state())?;
        let plan = Plan {
            epochs: self.trainer.epochs,
            steps: self.steps(),
            samples: self.train.len(),
            history: &self.history,
        };
        self.trainer.callbacks.iter_mut().try_for_each(|callback| callback.start(&plan))?;
        let stopped = loop {
            if self.history.len() >= self.trainer.epochs {
                break Stopped::Finished;
            }
            if self.is_out_of_patience() {
                break Stopped::Early;
            }
            let flow = self.epoch(&checkpoints)?;
            if flow.is_break() {
                break Stopped::Asked;
            }
        };
        if !self.average.is_empty() {
            self.model.parameters_mut().copy_from_slice(&self.average);
        }
        let report = Report { epochs: self.history, stopped };
        self.trainer.callbacks.iter_mut().try_for_each(|callback| callback.end(&report))?;
        Ok(report)
    }

    /// Steps of an epoch.
    fn steps(&self) -> usize {
        self.train.len().div_ceil(self.trainer.batch_size * self.trainer.accumulate)
    }

    fn is_out_of_patience(&self) -> bool {
        let waited = self.history.len() - best(&self.history).map_or(0, |epoch| epoch.number);
        self.trainer.patience.is_some_and(|Patience(patience)| !self.history.is_empty() && waited >= patience)
    }

    fn state(&mut self) -> State<'_, N, E> {
        let Trainer { seed, batch_size, accumulate, .. } = self.trainer;
        State {
            identity: [seed, batch_size as u64, accumulate as u64, self.train.len() as u64],
            model: self.model,
            memory: self.trainer.optimizer.memory(),
            average: &mut self.average,
            history: &mut self.history,
        }
    }

    fn epoch(&mut self, checkpoints: &Checkpoints) -> Result<ControlFlow<()>, Error> {
        let start = Instant::now();
        let number = self.history.len() + 1;
        let (epoch, seed) = (number as u64, self.trainer.seed);
        let order = order(self.train.len(), seed, epoch);
        let changes = Arc::clone(&self.trainer.changes);
        let train = Changed { source: self.train, changes: &*changes, seed };
        let (batch_size, ahead) = (self.trainer.batch_size, self.trainer.ahead);
        let (flow, total, learning_rate) =
            prefetch(&train, epoch, &order, batch_size, ahead, |batches| self.pass(number, batches))?;
        if flow.is_break() {
            return Ok(flow);
        }
        self.exchange_average();
        let evaluation = evaluate(self.model, self.held_out, &self.trainer.loss);
        self.history.push(Epoch {
            number,
            epochs: self.trainer.epochs,
            loss: total / self.train.len() as f64,
            held_out_loss: evaluation.loss,
            accuracy: evaluation.accuracy(),
            learning_rate,
            duration: start.elapsed(),
        });
        if best(&self.history).is_some_and(|best| best.number == number) {
            checkpoints.save_best(self.model)?;
        }
        let seen = self.trainer.onlooker.epoch(&self.history[number - 1], self.model);
        self.exchange_average();
        checkpoints.save(self.state())?;
        let told = tell(&mut self.trainer.callbacks, |callback| callback.epoch(&self.history[number - 1]))?;
        Ok(if seen?.is_break() { ControlFlow::Break(()) } else { told })
    }

    /// The steps of an epoch: whether to go on, the sum of the losses and the last learning rate.
    fn pass(
        &mut self,
        epoch: usize,
        batches: &mut Batches<'_, N::Input, E, D::Targets>,
    ) -> Result<(ControlFlow<()>, f64, f64), Error> {
        let (mut total, mut learning_rate) = (0.0, 0.0);
        for index in 0..self.steps() {
            let step = self.step(index, batches).map_err(|source| {
                let step = index + 1;
                Error::Step { epoch, step, source: Box::new(source) }
            })?;
            total += step.loss * step.samples as f64;
            learning_rate = step.learning_rate;
            let flow = tell(&mut self.trainer.callbacks, |callback| callback.step(&step))?;
            if flow.is_break() {
                return Ok((flow, total, learning_rate));
            }
        }
        Ok((ControlFlow::Continue(()), total, learning_rate))
    }

    /// Exchanges the parameters and their average, if there is one.
    fn exchange_average(&mut self) {
        if !self.average.is_empty() {
            self.model.parameters_mut().swap_with_slice(&mut self.average);
        }
    }

    /// One step with the next batches.
    fn step(&mut self, index: usize, batches: &mut Batches<'_, N::Input, E, D::Targets>) -> Result<Step, Error> {
        let steps = self.steps();
        let moment = Moment {
            step: (self.history.len() * steps + index) as u64,
            steps: (self.trainer.epochs * steps) as u64,
            history: &self.history,
        };
        let rate = self.trainer.schedule.factor(&moment);
        let Trainer { batch_size, accumulate, .. } = self.trainer;
        let samples = (self.train.len() - index * batch_size * accumulate).min(batch_size * accumulate);
        let (mut loss, mut norm) = (0.0, 0.0);
        for part in 0..samples.div_ceil(batch_size) {
            let (x, targets): (Batch<N::Input, E>, D::Targets) = batches.next().ok_or(Error::EmptyBatch)??;
            let share = x.len() as f64 / samples as f64;
            loss += share * self.model.derive(&x, &targets, &self.trainer.loss)?;
            norm = length(self.model.derived());
            if !norm.is_finite() {
                self.model.check_gradients(&x, &targets, &self.trainer.loss)?;
                return Err(Error::NonFiniteLoss { loss: norm, origin: None });
            }
            if samples > batch_size {
                add_share(&mut self.sums, self.model.derived(), share, part == 0);
            }
        }
        let gradients = self.model.derived();
        if samples > batch_size {
            gradients.copy_from_slice(&self.sums);
            norm = length(gradients);
        }
        if let Some(longest) = self.trainer.clip_norm.filter(|&longest| norm > longest) {
            let factor = E::from_f64(longest / (norm + 1e-6));
            for gradient in gradients.iter_mut() {
                *gradient *= factor;
            }
        }
        self.model.apply(&mut self.trainer.optimizer, rate)?;
        let decay = self.trainer.average.unwrap_or_default();
        for (average, &parameter) in self.average.iter_mut().zip(self.model.parameters()) {
            *average = E::from_f64(decay) * *average + E::from_f64(1.0 - decay) * parameter;
        }
        Ok(Step {
            epoch: self.history.len() + 1,
            step: index + 1,
            loss,
            samples,
            learning_rate: rate * self.trainer.optimizer.learning_rate(),
            gradient_norm: norm,
        })
    }
}

/// Tells all callbacks of a moment; one that says `Break` ends the training when all have been told.
fn tell<'a>(
    callbacks: &mut [Box<dyn Callback + 'a>],
    mut tell: impl FnMut(&mut (dyn Callback + 'a)) -> Result<ControlFlow<()>, Error>,
) -> Result<ControlFlow<()>, Error> {
    let mut flow = ControlFlow::Continue(());
    for callback in callbacks {
        if tell(&mut **callback)?.is_break() {
            flow = ControlFlow::Break(());
        }
    }
    Ok(flow)
}

/// The Euclidean length.
fn length<E: Element>(gradients: &[E]) -> f64 {
    gradients.iter().map(|gradient| gradient.as_f64().powi(2)).sum::<f64>().sqrt()
}

/// Adds a share of the gradients of a part of a step, or begins with it.
fn add_share<E: Element>(sums: &mut Vec<E>, gradients: &[E], share: f64, is_first: bool) {
    if is_first {
        sums.clear();
        sums.resize(gradients.len(), E::zero());
    }
    for (sum, &gradient) in sums.iter_mut().zip(gradients) {
        *sum += E::from_f64(share) * gradient;
    }
}
