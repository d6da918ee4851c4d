//! Stochastic gradient descent.

use super::settings::{Settings, check_fraction, weight_decay};
use super::{Memory, Optimizer, Update};
use crate::element::Element;
use crate::error::Error;

/// Stochastic gradient descent with momentum, as in PyTorch: g ← g + λ·θ, v ← μ·v + g, θ ← θ − η·v, or with Nesterov's
/// momentum θ ← θ − η·(g + μ·v).
///
/// # Examples
///
/// ```
/// use shapewright::optim::{Optimizer, Sgd};
///
/// let mut sgd = Sgd::new(0.1).momentum(0.9);
/// let mut parameters = [1.0_f32];
/// sgd.update(&mut parameters, &[1.0])?;
/// sgd.update(&mut parameters, &[1.0])?;
/// assert!((parameters[0] - (1.0 - 0.1 - 0.19)).abs() < 1e-6);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sgd<E = f32> {
    settings: Settings,
    momentum: f64,
    nesterov: bool,
    memory: Memory<E>,
}

impl<E: Element> Sgd<E> {
    /// Plain descent by `learning_rate`, η.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Self { settings: Settings::new(learning_rate), momentum: 0.0, nesterov: false, memory: Memory::new() }
    }

    /// Keeps the fraction μ of each step for the next.
    #[must_use]
    pub const fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Looks one step ahead along the momentum (Sutskever et al., 2013).
    #[must_use]
    pub const fn nesterov(mut self) -> Self {
        self.nesterov = true;
        self
    }
}

weight_decay!(Sgd);

impl<E: Element> Optimizer<E> for Sgd<E> {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        self.settings.check()?;
        check_fraction("momentum", self.momentum)?;
        let (_, [velocity]) = self.memory.begin(update.parameters.len())?;
        let momentum = E::from_f64(self.momentum);
        let ahead = if self.nesterov { (E::one(), momentum) } else { (E::zero(), E::one()) };
        self.settings.each(update, |part| {
            let (learning_rate, velocity) = (part.learning_rate, &mut velocity[part.range.clone()]);
            for ((parameter, gradient), velocity) in part.decayed().zip(velocity) {
                *velocity = momentum * *velocity + gradient;
                *parameter -= learning_rate * (ahead.0 * gradient + ahead.1 * *velocity);
            }
        });
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.settings.learning_rate
    }

    fn memory(&mut self) -> &mut Memory<E> {
        &mut self.memory
    }
}
