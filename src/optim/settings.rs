//! What optimizers have in common: a learning rate, weight decay, and the ranges that their numbers must be in.

use core::ops::Range;

use super::Update;
use crate::element::Element;
use crate::error::Error;

/// The learning rate η, and how much each parameter shrinks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) learning_rate: f64,
    pub(super) weight_decay: f64,
    pub(super) weights_only: bool,
}

impl Settings {
    pub(super) const fn new(learning_rate: f64) -> Self {
        Self { learning_rate, weight_decay: 0.0, weights_only: false }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        check_finite("learning_rate", self.learning_rate)?;
        check_finite("weight_decay", self.weight_decay)
    }

    /// Runs every group of an update with its learning rate and its weight decay; frozen groups are passed over.
    #[expect(clippy::needless_pass_by_value, reason = "an update is for one step")]
    pub(super) fn each<E: Element>(&self, update: Update<'_, E>, mut run: impl FnMut(Part<'_, E>)) {
        for group in update.groups.iter().filter(|group| group.rate != 0.0) {
            let range = group.range.clone();
            run(Part {
                learning_rate: E::from_f64(self.learning_rate * update.rate * group.rate),
                weight_decay: E::from_f64(if self.weights_only && !group.is_weight { 0.0 } else { self.weight_decay }),
                parameters: &mut update.parameters[range.clone()],
                gradients: &update.gradients[range.clone()],
                range,
            });
        }
    }
}

/// A group of parameters in a step.
pub(super) struct Part<'a, E> {
    pub(super) learning_rate: E,
    pub(super) weight_decay: E,
    pub(super) parameters: &'a mut [E],
    pub(super) gradients: &'a [E],
    /// Where they lie in the slab, and their moments in theirs.
    pub(super) range: Range<usize>,
}

impl<'a, E: Element> Part<'a, E> {
    /// Each parameter with its gradient, to which λ·θ has been added.
    pub(super) fn decayed(self) -> impl Iterator<Item = (&'a mut E, E)> {
        let Self { weight_decay, parameters, gradients, .. } = self;
        let gradient = move |(parameter, &gradient): (&'a mut E, &E)| {
            let gradient = gradient + weight_decay * *parameter;
            (parameter, gradient)
        };
        parameters.iter_mut().zip(gradients).map(gradient)
    }
}

/// Fails with the number unless it is finite and at least 0.
pub(super) fn check_finite(name: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() && value >= 0.0 {
        Ok(())
    } else {
        Err(Error::Setting { name, value, allowed: "at least 0 and finite" })
    }
}

/// Fails with the number unless it is a fraction that can be kept from step to step.
pub(super) fn check_fraction(name: &'static str, value: f64) -> Result<(), Error> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::Setting { name, value, allowed: "at least 0 and below 1" })
    }
}

/// The methods that set weight decay, for an optimizer with `settings`.
macro_rules! weight_decay {
    ($optimizer:ident) => {
        impl<E: Element> $optimizer<E> {
            /// Sets λ, by which parameters shrink; 0 unless it is set.
            #[must_use]
            pub const fn weight_decay(mut self, weight_decay: f64) -> Self {
                self.settings.weight_decay = weight_decay;
                self
            }

            /// Lets only weights shrink: neither biases nor the factors of norms.
            #[must_use]
            pub const fn decay_weights_only(mut self) -> Self {
                self.settings.weights_only = true;
                self
            }
        }
    };
}

pub(super) use weight_decay;
