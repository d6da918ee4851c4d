//! The halves of a training step, and which parameters it moves.

use super::{Model, OutputOf};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::loss::Loss;
use crate::network::Network;
use crate::noise::Noise;
use crate::optim::{Optimizer, Update};
use crate::param::Param;
use crate::trace::{Origin, Trace};

impl<N: Network, E: Element> Model<N, E> {
    /// The first half of a step: the loss, whose gradients stay in the model until [`apply`](Model::apply).
    pub(crate) fn derive<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<f64, Error> {
        let value = self.finite_loss(x, targets, loss)?;
        self.keep_step();
        Ok(value)
    }

    /// The loss, whose gradients stay in the model; nothing else has changed.
    pub(super) fn finite_loss<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<f64, Error> {
        let value = self.differentiate(x, targets, loss, false)?;
        if value.is_finite() {
            return Ok(value);
        }
        Err(Error::NonFiniteLoss { loss: value, origin: self.origin(self.steps, x, targets, loss) })
    }

    /// What was the first that was not finite in the step of this number.
    fn origin<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &self,
        step: u64,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Option<Origin> {
        let Self { network, parameters, state, .. } = self;
        let trace = Trace { network, parameters, state, noise: Noise::new(self.seed, step) };
        let normaliser = loss.normaliser(targets);
        trace.origin(x.as_slice(), |sample, y, dy| loss.sample(targets, sample, normaliser, y, dy))
    }

    /// Makes the running statistics that a step has left those of the model, and counts the step.
    pub(super) fn keep_step(&mut self) {
        self.keep_state();
        self.steps += 1;
    }

    /// The gradients that [`derive`](Model::derive) has left.
    pub(crate) fn derived(&mut self) -> &mut [E] {
        &mut self.workspace.lanes[0].gradients
    }

    /// Fails if a gradient that [`derive`](Model::derive) has left for this batch is not finite.
    pub(crate) fn check_gradients<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<(), Error> {
        let gradients = &self.workspace.lanes[0].gradients;
        let found = self.index.params(gradients).find_map(|Param { name, values, .. }| {
            let position = values.iter().position(|value| !value.is_finite())?;
            Some((name.to_owned(), position, values[position].as_f64()))
        });
        let Some((name, position, value)) = found else { return Ok(()) };
        let origin = self.origin(self.steps - 1, x, targets, loss); // it has been counted already
        Err(Error::NonFiniteGradient { name, position, value, origin })
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
