//! Adaptive moments.

use super::settings::{Settings, check_finite, check_fraction, weight_decay};
use super::{Memory, Optimizer, Update};
use crate::element::Element;
use crate::error::Error;

/// Adam (Kingma and Ba, 2015, <https://arxiv.org/abs/1412.6980>), as in PyTorch: g ← g + λ·θ,
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
    pub(super) settings: Settings,
    /// Whether parameters shrink by themselves and not through the gradient.
    pub(super) decoupled: bool,
    betas: (f64, f64),
    epsilon: f64,
    memory: Memory<E>,
}

impl<E: Element> Adam<E> {
    /// Adam with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        let settings = Settings::new(learning_rate);
        Self { settings, decoupled: false, betas: (0.9, 0.999), epsilon: 1e-8, memory: Memory::new() }
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

weight_decay!(Adam);

impl<E: Element> Optimizer<E> for Adam<E> {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        self.settings.check()?;
        check_fraction("beta", self.betas.0)?;
        check_fraction("beta", self.betas.1)?;
        check_finite("epsilon", self.epsilon)?;
        let (step, [first, second]) = self.memory.begin(update.parameters.len())?;
        let (beta1, beta2) = self.betas;
        let size = E::from_f64(1.0 / (1.0 - beta1.powi(step)));
        let root = E::from_f64((1.0 - beta2.powi(step)).sqrt());
        let epsilon = E::from_f64(self.epsilon);
        // 1 − β in E would be off by 10⁻⁵ of itself in f32.
        let [beta1, beta2, rest1, rest2] = [beta1, beta2, 1.0 - beta1, 1.0 - beta2].map(E::from_f64);
        self.settings.each(update, |mut part| {
            let (learning_rate, range) = (part.learning_rate, part.range.clone());
            let kept = if self.decoupled { E::one() - learning_rate * part.weight_decay } else { E::one() };
            if self.decoupled {
                part.weight_decay = E::zero();
            }
            let moments = first[range.clone()].iter_mut().zip(&mut second[range]);
            for ((parameter, gradient), (first, second)) in part.decayed().zip(moments) {
                *first = beta1 * *first + rest1 * gradient;
                *second = beta2 * *second + rest2 * gradient * gradient;
                *parameter = kept * *parameter - learning_rate * size * *first / (second.sqrt() / root + epsilon);
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
