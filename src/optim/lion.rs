//! Steps of one size, by sign.

use super::settings::{Settings, check_fraction, weight_decay};
use super::{Memory, Optimizer, Update};
use crate::element::Element;
use crate::error::Error;

/// Lion (Chen et al., 2023, <https://arxiv.org/abs/2302.06675>): θ ← θ − η · (sign(β₁·m + (1−β₁)·g) + λ·θ),
/// m ← β₂·m + (1−β₂)·g. Its learning rate is a third to a tenth of Adam's.
///
/// # Examples
///
/// ```
/// use shapewright::optim::{Lion, Optimizer};
///
/// let mut lion = Lion::new(0.01);
/// let mut parameters = [1.0_f32, 1.0, 1.0];
/// lion.update(&mut parameters, &[5.0, -0.2, 0.0])?;
/// assert_eq!(parameters, [0.99, 1.01, 1.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lion<E = f32> {
    settings: Settings,
    betas: (f64, f64),
    memory: Memory<E>,
}

impl<E: Element> Lion<E> {
    /// Lion with β₁ = 0.9 and β₂ = 0.99.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Self { settings: Settings::new(learning_rate), betas: (0.9, 0.99), memory: Memory::new() }
    }

    /// Sets β₁, the share of the moment in a step, and β₂, the fraction of it that is kept.
    #[must_use]
    pub const fn betas(mut self, first: f64, second: f64) -> Self {
        self.betas = (first, second);
        self
    }
}

weight_decay!(Lion);

impl<E: Element> Optimizer<E> for Lion<E> {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        self.settings.check()?;
        check_fraction("beta", self.betas.0)?;
        check_fraction("beta", self.betas.1)?;
        let (_, [moment]) = self.memory.begin(update.parameters.len())?;
        let (beta1, beta2) = self.betas;
        let [beta1, beta2, rest1, rest2] = [beta1, beta2, 1.0 - beta1, 1.0 - beta2].map(E::from_f64);
        self.settings.each(update, |part| {
            let (learning_rate, weight_decay) = (part.learning_rate, part.weight_decay);
            let gradients = part.gradients.iter().zip(&mut moment[part.range]);
            for (parameter, (&gradient, moment)) in part.parameters.iter_mut().zip(gradients) {
                let direction = beta1 * *moment + rest1 * gradient;
                let sign = if direction == E::zero() { direction } else { direction.signum() };
                *parameter -= learning_rate * (sign + weight_decay * *parameter);
                *moment = beta2 * *moment + rest2 * gradient;
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
