//! Stochastic gradient descent.

use super::{FINITE, FRACTION, Optimizer, check_setting, prepare};
use crate::element::Element;
use crate::error::Error;

/// Stochastic gradient descent with momentum, as in PyTorch: v ← μ·v + g, θ ← θ − η·v.
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
    learning_rate: f64,
    momentum: f64,
    velocity: Vec<E>,
}

impl<E: Element> Sgd<E> {
    /// Plain descent by `learning_rate`, η.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Self { learning_rate, momentum: 0.0, velocity: Vec::new() }
    }

    /// Keeps the fraction μ of each step for the next.
    #[must_use]
    pub const fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }
}

impl<E: Element> Optimizer<E> for Sgd<E> {
    fn update(&mut self, parameters: &mut [E], gradients: &[E]) -> Result<(), Error> {
        check_setting("learning_rate", self.learning_rate, f64::INFINITY, FINITE)?;
        check_setting("momentum", self.momentum, 1.0, FRACTION)?;
        prepare(&mut self.velocity, parameters.len())?;
        let (learning_rate, momentum) = (E::from_f64(self.learning_rate), E::from_f64(self.momentum));
        for ((parameter, &gradient), velocity) in parameters.iter_mut().zip(gradients).zip(&mut self.velocity) {
            *velocity = momentum * *velocity + gradient;
            *parameter -= learning_rate * *velocity;
        }
        Ok(())
    }
}
