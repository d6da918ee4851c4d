//! A training as it goes.

use core::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::callback::{Callback, Onlooker, Plan, Step};
use super::changes::{Changed, Changes};
use super::checkpoint::{Checkpoints, State};
use super::held_out::{HeldOut, Measure};
use super::report::{Epoch, Report, Stopped, best};
use super::schedule::Moment;
use super::trainer::{Patience, Trainer};
use crate::batch::Batch;
use crate::data::{Batches, Source, order, prefetch};
use crate::element::Element;
use crate::error::Error;
use crate::exec::Score;
use crate::loss::Loss;
use crate::model::{Before, Model, OutputOf};
use crate::network::Network;
use crate::optim::Optimizer;
use crate::outline::own_name;
use crate::shape::rules::Scores;

/// A training as it goes.
pub(super) struct Run<'r, 'a, N: Network, E: Element, O, L, C, H, D, K> {
    pub(super) trainer: Trainer<'a, O, L, C, H>,
    pub(super) model: &'r mut Model<N, E>,
    pub(super) train: &'r D,
    pub(super) held_out: &'r K,
    /// The moving average of the parameters, if there is one.
    pub(super) average: Vec<E>,
    /// The gradients of the batches of a step, if they are several.
    pub(super) sums: Vec<E>,
    /// What a step that fails goes back to.
    pub(super) before: Before<E>,
    pub(super) history: Vec<Epoch>,
}

impl<N, E, O, L, C, H, D, K, M> Run<'_, '_, N, E, O, L, C, H, D, K>
where
    N: Network,
    E: Element,
    O: Optimizer<E>,
    L: Loss<OutputOf<N>, D::Targets> + Loss<OutputOf<N>, K::Labels>,
    C: Changes<N::Input, E>,
    H: Onlooker<N, E>,
    D: Source<N::Input, E>,
    K: HeldOut<N::Input, E, D::Targets, Measure = M>,
    M: Measure<K, N::Input, E, Labels = K::Labels>,
    OutputOf<N>: Scores,
{
    /// Runs it to its end.
    pub(super) fn all(mut self) -> Result<Report, Error> {
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
        self.trainer.patience.is_some_and(|Patience(patience)| waited >= patience.max(1))
    }

    fn state(&mut self) -> State<'_, N, E> {
        State {
            identity: self.identity(),
            model: self.model,
            memory: self.trainer.optimizer.memory(),
            average: &mut self.average,
            history: &mut self.history,
        }
    }

    /// What makes it this training and no other.
    fn identity(&self) -> Vec<(&'static str, String)> {
        let Trainer { seed, batch_size, accumulate, average, .. } = self.trainer;
        vec![
            ("seed", seed.to_string()),
            ("batch_size", batch_size.to_string()),
            ("accumulate", accumulate.to_string()),
            ("samples", self.train.len().to_string()),
            ("optimizer", own_name::<O>().to_owned()),
            ("average_weights", average.map_or_else(|| "none".to_owned(), |decay| decay.to_string())),
            ("element type", own_name::<E>().to_owned()),
            ("network", format!("{:016x}, by the hash of its summary", self.model.summary().hash())),
        ]
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
        let [held_out_loss, accuracy] = self.evaluation().map_err(|source| {
            let step = self.steps();
            Error::Step { epoch: number, step, source: Box::new(source) }
        })?;
        self.exchange_average();
        self.history.push(Epoch {
            number,
            epochs: self.trainer.epochs,
            loss: total.loss / self.train.len() as f64,
            training_accuracy: total.accuracy(),
            held_out_loss,
            accuracy,
            learning_rate,
            duration: start.elapsed(),
        });
        if best(&self.history).is_some_and(|best| best.number == number) && M::samples(self.held_out) > 0 {
            checkpoints.save_best(self.model)?;
        }
        let seen = self.trainer.onlooker.epoch(&self.history[number - 1], self.model);
        self.exchange_average();
        checkpoints.save(self.state())?;
        let told = tell(&mut self.trainer.callbacks, |callback| callback.epoch(&self.history[number - 1]))?;
        Ok(if seen?.is_break() { ControlFlow::Break(()) } else { told })
    }

    /// The held-out loss and accuracy of what an epoch leaves, its average where there is one: all of it must be finite.
    fn evaluation(&mut self) -> Result<[f64; 2], Error> {
        self.model.check_finite()?;
        self.exchange_average();
        let finite = self.model.check_finite();
        let evaluation = finite.and_then(|()| M::measure(self.held_out, self.model, &self.trainer.loss));
        self.exchange_average();
        evaluation
    }

    /// The steps of an epoch: whether to go on, the sum of their scores and the last learning rate.
    fn pass(
        &mut self,
        epoch: usize,
        batches: &mut Batches<'_, N::Input, E, D::Targets>,
    ) -> Result<(ControlFlow<()>, Score, f64), Error> {
        let (mut total, mut learning_rate) = (Score::default(), 0.0);
        for index in 0..self.steps() {
            self.model.remember(&mut self.before);
            let (step, score) = self.step(index, batches).map_err(|source| {
                self.model.go_back(&self.before);
                let step = index + 1;
                Error::Step { epoch, step, source: Box::new(source) }
            })?;
            total += Score { loss: step.loss * step.samples as f64, ..score };
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

    /// One step with the next batches, and the score of its samples.
    fn step(
        &mut self,
        index: usize,
        batches: &mut Batches<'_, N::Input, E, D::Targets>,
    ) -> Result<(Step, Score), Error> {
        let steps = self.steps();
        let moment = Moment {
            step: (self.history.len() * steps + index) as u64,
            steps: (self.trainer.epochs * steps) as u64,
            history: &self.history,
        };
        let rate = self.trainer.schedule.factor(&moment);
        let Trainer { batch_size, accumulate, .. } = self.trainer;
        let samples = (self.train.len() - index * batch_size * accumulate).min(batch_size * accumulate);
        let (mut total, mut norm) = (Score::default(), 0.0);
        for part in 0..samples.div_ceil(batch_size) {
            let (x, targets): (Batch<N::Input, E>, D::Targets) = batches.next().ok_or(Error::EmptyBatch)??;
            let share = x.len() as f64 / samples as f64;
            let score = self.model.derive(&x, &targets, &self.trainer.loss)?;
            total += Score { loss: share * score.loss, ..score };
            norm = self.model.gradient_norm();
            if !norm.is_finite() {
                self.model.check_gradients(&x, &targets, &self.trainer.loss)?;
                return Err(Error::NonFiniteLoss { loss: norm, origin: None });
            }
            if samples > batch_size {
                add_share(&mut self.sums, self.model.derived(), share, part == 0);
            }
        }
        if samples > batch_size {
            self.model.derived().copy_from_slice(&self.sums);
            norm = self.model.gradient_norm();
        }
        if let Some(longest) = self.trainer.clip_norm.filter(|&longest| norm > longest) {
            let factor = E::from_f64(longest / (norm + 1e-6));
            for gradient in self.model.derived() {
                *gradient *= factor;
            }
        }
        self.model.apply(&mut self.trainer.optimizer, rate)?;
        let decay = self.trainer.average.unwrap_or_default();
        for (average, &parameter) in self.average.iter_mut().zip(self.model.parameters()) {
            *average = E::from_f64(decay) * *average + E::from_f64(1.0 - decay) * parameter;
        }
        let step = Step {
            epoch: self.history.len() + 1,
            step: index + 1,
            loss: total.loss,
            accuracy: total.accuracy(),
            samples,
            learning_rate: rate * self.trainer.optimizer.learning_rate(),
            gradient_norm: norm,
        };
        Ok((step, total))
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
