//! Adam with weight decay of its own.

use super::{Adam, Memory, Optimizer, Update};
use crate::element::Element;
use crate::error::Error;

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019, <https://arxiv.org/abs/1711.05101>), as in PyTorch:
/// θ ← θ − η·λ·θ, then [`Adam`]'s step. λ is 0.01 unless it is set.
///
/// # Examples
///
/// ```
/// use shapewright::optim::{AdamW, Optimizer};
///
/// let mut adam_w = AdamW::new(0.01).weight_decay(0.5);
/// let mut parameters = [1.0_f32];
/// adam_w.update(&mut parameters, &[5.0])?;
/// assert!((parameters[0] - (0.995 - 0.01)).abs() < 1e-6);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AdamW<E = f32>(Adam<E>);

impl<E: Element> AdamW<E> {
    /// `AdamW` with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸ and λ = 0.01.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        let mut adam = Adam::new(learning_rate).weight_decay(0.01);
        adam.decoupled = true;
        Self(adam)
    }

    /// Sets β₁ and β₂, the fractions of the moments that are kept at each step.
    #[must_use]
    pub fn betas(self, first: f64, second: f64) -> Self {
        Self(self.0.betas(first, second))
    }

    /// Sets ε, which is added outside of the root.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self(self.0.epsilon(epsilon))
    }

    /// Sets λ, by which parameters shrink.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Self(self.0.weight_decay(weight_decay))
    }

    /// Lets only weights shrink: neither biases nor the factors of norms.
    #[must_use]
    pub fn decay_weights_only(self) -> Self {
        Self(self.0.decay_weights_only())
    }
}

impl<E: Element> Optimizer<E> for AdamW<E> {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        self.0.step(update)
    }

    fn learning_rate(&self) -> f64 {
        self.0.learning_rate()
    }

    fn memory(&mut self) -> &mut Memory<E> {
        self.0.memory()
    }
}
