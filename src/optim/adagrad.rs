//! Steps divided by the root of all squares so far.

use super::settings::{Settings, check_finite, weight_decay};
use super::{Memory, Optimizer, Update};
use crate::element::Element;
use crate::error::Error;

/// Adagrad (Duchi, Hazan and Singer, 2011, <https://jmlr.org/papers/v12/duchi11a.html>), as in PyTorch: g ← g + λ·θ,
/// s ← s + g², θ ← θ − η/(1 + (t−1)·κ) · g / (√s + ε).
///
/// # Examples
///
/// ```
/// use shapewright::optim::{Adagrad, Optimizer};
///
/// let mut adagrad = Adagrad::new(0.1);
/// let mut parameters = [1.0_f32];
/// adagrad.update(&mut parameters, &[5.0])?;
/// assert!((parameters[0] - 0.9).abs() < 1e-6);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Adagrad<E = f32> {
    settings: Settings,
    learning_rate_decay: f64,
    epsilon: f64,
    memory: Memory<E>,
}

impl<E: Element> Adagrad<E> {
    /// Adagrad with κ = 0 and ε = 10⁻¹⁰.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        let settings = Settings::new(learning_rate);
        Self { settings, learning_rate_decay: 0.0, epsilon: 1e-10, memory: Memory::new() }
    }

    /// Sets κ, by which the learning rate falls with the steps.
    #[must_use]
    pub const fn learning_rate_decay(mut self, decay: f64) -> Self {
        self.learning_rate_decay = decay;
        self
    }

    /// Sets ε, which is added outside of the root.
    #[must_use]
    pub const fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

weight_decay!(Adagrad);

impl<E: Element> Optimizer<E> for Adagrad<E> {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        self.settings.check()?;
        check_finite("learning_rate_decay", self.learning_rate_decay)?;
        check_finite("epsilon", self.epsilon)?;
        let (step, [squares]) = self.memory.begin(update.parameters.len())?;
        let fall = E::from_f64(1.0 / (1.0 + f64::from(step - 1) * self.learning_rate_decay));
        let epsilon = E::from_f64(self.epsilon);
        self.settings.each(update, |part| {
            let (learning_rate, squares) = (fall * part.learning_rate, &mut squares[part.range.clone()]);
            for ((parameter, gradient), squares) in part.decayed().zip(squares) {
                *squares += gradient * gradient;
                *parameter -= learning_rate * gradient / (squares.sqrt() + epsilon);
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
