//! Adaptive moments.

use super::{FINITE, FRACTION, Optimizer, check_setting, prepare};
use crate::element::Element;
use crate::error::Error;

/// Adam (Kingma and Ba, 2015, <https://arxiv.org/abs/1412.6980>), as in PyTorch:
/// m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², θ ← θ − η · (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε).
///
/// # Examples
///
/// ```
/// use shapewright::optim::{Adam, Optimizer};
///
/// let mut adam = Adam::new(0.01);
/// let mut parameters = [1.0_f32, 1.0];
/// adam.update(&mut parameters, &[5.0, -0.2])?;
/// assert!((parameters[0] - 0.99).abs() < 1e-6 && (parameters[1] - 1.01).abs() < 1e-6); // the first step is ±η
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Adam<E = f32> {
    learning_rate: f64,
    betas: (f64, f64),
    epsilon: f64,
    steps: i32,
    first: Vec<E>,
    second: Vec<E>,
}

impl<E: Element> Adam<E> {
    /// Adam with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Self { learning_rate, betas: (0.9, 0.999), epsilon: 1e-8, steps: 0, first: Vec::new(), second: Vec::new() }
    }

    /// Sets β₁ and β₂, the fractions of the moments that are kept at each step.
    #[must_use]
    pub const fn betas(mut self, first: f64, second: f64) -> Self {
        self.betas = (first, second);
        self
    }

    /// Sets ε, which is added outside of the root.
    #[must_use]
    pub const fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl<E: Element> Optimizer<E> for Adam<E> {
    fn update(&mut self, parameters: &mut [E], gradients: &[E]) -> Result<(), Error> {
        check_setting("learning_rate", self.learning_rate, f64::INFINITY, FINITE)?;
        check_setting("beta", self.betas.0, 1.0, FRACTION)?;
        check_setting("beta", self.betas.1, 1.0, FRACTION)?;
        check_setting("epsilon", self.epsilon, f64::INFINITY, FINITE)?;
        prepare(&mut self.first, parameters.len())?;
        prepare(&mut self.second, parameters.len())?;
        self.steps = self.steps.saturating_add(1);
        let (beta1, beta2) = self.betas;
        let step = E::from_f64(self.learning_rate / (1.0 - beta1.powi(self.steps)));
        let root = E::from_f64((1.0 - beta2.powi(self.steps)).sqrt());
        let epsilon = E::from_f64(self.epsilon);
        let (beta1, beta2) = (E::from_f64(beta1), E::from_f64(beta2));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, &gradient), (first, second)) in parameters.iter_mut().zip(gradients).zip(moments) {
            *first = beta1 * *first + (E::one() - beta1) * gradient;
            *second = beta2 * *second + (E::one() - beta2) * gradient * gradient;
            *parameter -= step * *first / (second.sqrt() / root + epsilon);
        }
        Ok(())
    }
}
