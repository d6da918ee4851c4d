//! The halves of a training step, and which parameters it moves.

use core::any::type_name;

use super::{Model, OutputOf};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::exec::Score;
use crate::layer::Mode;
use crate::loss::Loss;
use crate::network::Network;
use crate::noise::Noise;
use crate::optim::{Optimizer, Update};
use crate::param::Param;
use crate::trace::{Origin, Trace};

/// What a pass of training changes of a model besides gradients, as it was before.
#[derive(Debug, Default)]
pub(crate) struct Before<E> {
    state: Vec<E>,
    steps: u64,
}

impl<N: Network, E: Element> Model<N, E> {
    /// The first half of a step: the score, whose gradients stay in the model until [`apply`](Model::apply).
    pub(crate) fn derive<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<Score, Error> {
        let score = self.finite_loss(x, targets, loss)?;
        self.keep_step();
        Ok(score)
    }

    /// The score, whose gradients stay in the model; nothing else has changed.
    pub(super) fn finite_loss<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<Score, Error> {
        let score = self.differentiate(x, targets, loss, false)?;
        if score.loss.is_finite() {
            return Ok(score);
        }
        let origin = self.origin(Mode::Train, self.steps, x, targets, loss);
        Err(Error::NonFiniteLoss { loss: score.loss, origin })
    }

    /// What was the first that was not finite in the step of this number, or in an evaluation.
    pub(crate) fn origin<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &self,
        mode: Mode,
        step: u64,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Option<Origin> {
        let Self { network, parameters, state, .. } = self;
        let trace = Trace { network, mode, parameters, state, noise: Noise::new(self.seed, step) };
        let normaliser = loss.normaliser(targets);
        trace.origin(x.as_slice(), |sample, y, dy| loss.sample(targets, sample, normaliser, y, dy))
    }

    /// Makes the running statistics that a step has left those of the model, and counts the step.
    pub(super) fn keep_step(&mut self) {
        self.keep_state();
        self.steps += 1;
    }

    /// Writes down what [`derive`](Model::derive) is going to change besides gradients.
    pub(crate) fn remember(&self, before: &mut Before<E>) {
        before.state.clone_from(&self.state);
        before.steps = self.steps;
    }

    /// Makes it what it was.
    pub(crate) fn go_back(&mut self, before: &Before<E>) {
        self.workspace.prepared.outdate();
        self.state.copy_from_slice(&before.state);
        self.steps = before.steps;
    }

    /// The gradients that [`derive`](Model::derive) has left.
    pub(crate) fn derived(&mut self) -> &mut [E] {
        &mut self.workspace.lanes[0].gradients
    }

    /// The Euclidean length of the gradients that [`derive`](Model::derive) has left, without those of frozen parameters.
    pub(crate) fn gradient_norm(&self) -> f64 {
        let gradients = &self.workspace.lanes[0].gradients;
        let moved = self.groups.iter().filter(|group| group.rate != 0.0);
        let squares = moved.flat_map(|group| &gradients[group.range.clone()]).map(|gradient| gradient.as_f64().powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// Fails if a gradient that [`derive`](Model::derive) has left for this batch is not finite.
    pub(crate) fn check_gradients<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<(), Error> {
        let gradients = &self.workspace.lanes[0].gradients;
        let Some((name, position, value)) = not_finite(self.index.params(gradients)) else { return Ok(()) };
        let origin = self.origin(Mode::Train, self.steps - 1, x, targets, loss); // it has been counted already
        Err(Error::NonFiniteGradient { name, position, value, origin })
    }

    /// Fails if a parameter or a running statistic is not finite.
    pub(crate) fn check_finite(&self) -> Result<(), Error> {
        match not_finite(self.params().chain(self.statistics())) {
            Some((name, position, value)) => Err(Error::NonFinite { name, position, value, element: type_name::<E>() }),
            None => Ok(()),
        }
    }

    /// The second half of a step: moves the parameters, with the learning rate changed by a factor.
    pub(crate) fn apply(&mut self, optimizer: &mut impl Optimizer<E>, rate: f64) -> Result<(), Error> {
        self.workspace.prepared.outdate();
        let gradients = &self.workspace.lanes[0].gradients;
        optimizer.step(Update { parameters: self.parameters.to_mut(), gradients, groups: &self.groups, rate })
    }

    /// The seed and the number of steps that noise depends on.
    #[cfg(feature = "safetensors")]
    pub(crate) fn noise_position(&mut self) -> [&mut u64; 2] {
        [&mut self.seed, &mut self.steps]
    }
}

impl<N, E: Element> Model<N, E> {
    /// Keeps optimizers from moving a stage's parameters, those of all stages within it, or one parameter: for fine-tuning. Running
    /// statistics go on.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// net! { pub Tiny: Image<1, 8, 8> => Vector<3> =
    ///     body: (conv(1=>4, k3) >> relu >> conv(4=>4, k3) >> relu) >> flatten >> head: dense(3) }
    ///
    /// let mut model = Model::new(Tiny, 1);
    /// let before = model.clone();
    /// model.freeze("body")?;
    /// model.step(&Batch::zeros(1), &Labels::new(&[2])?, &CrossEntropy, &mut Sgd::new(0.1))?;
    /// assert_eq!(model.param("body.2.bias")?, before.param("body.2.bias")?);
    /// assert_ne!(model.param("head.bias")?, before.param("head.bias")?);
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn freeze(&mut self, name: &str) -> Result<(), Error> {
        self.scale_learning_rate(name, 0.0)
    }

    /// Lets optimizers move what was [frozen](Model::freeze), at the full learning rate.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    pub fn unfreeze(&mut self, name: &str) -> Result<(), Error> {
        self.scale_learning_rate(name, 1.0)
    }

    /// Makes the learning rate of a stage's parameters, those of all stages within it, or one parameter `factor` times that of the
    /// optimizer; 0 freezes them.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are, [`Error::Setting`] if the factor is negative or not finite.
    pub fn scale_learning_rate(&mut self, name: &str, factor: f64) -> Result<(), Error> {
        if !(factor >= 0.0 && factor.is_finite()) {
            return Err(Error::Setting { name: "factor", value: factor, allowed: "at least 0 and finite" });
        }
        for position in self.index.below(name)? {
            self.groups[position].rate = factor;
        }
        Ok(())
    }
}

/// The first value that is not finite: of which parameter, at which position.
fn not_finite<'a, E: Element>(mut params: impl Iterator<Item = Param<'a, E>>) -> Option<(String, usize, f64)> {
    params.find_map(|Param { name, values, .. }| {
        let position = values.iter().position(|value| !value.is_finite())?;
        Some((name.to_owned(), position, values[position].as_f64()))
    })
}
