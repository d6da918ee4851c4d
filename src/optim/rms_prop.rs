//! Steps divided by the root of the mean square.

use super::settings::{Settings, check_finite, check_fraction, weight_decay};
use super::{Memory, Optimizer, Update};
use crate::element::Element;
use crate::error::Error;

/// `RMSprop` (Hinton, 2012, lecture 6e of "Neural Networks for Machine Learning"), as in PyTorch: g ← g + λ·θ,
/// s ← α·s + (1−α)·g², v ← μ·v + g / (√s + ε), θ ← θ − η·v.
///
/// # Examples
///
/// ```
/// use shapewright::optim::{Optimizer, RmsProp};
///
/// let mut rms_prop = RmsProp::new(0.01);
/// let mut parameters = [1.0_f32];
/// rms_prop.update(&mut parameters, &[5.0])?;
/// assert!((parameters[0] - 0.9).abs() < 1e-6); // the first step is η / √(1−α), whatever the gradient
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RmsProp<E = f32> {
    settings: Settings,
    alpha: f64,
    momentum: f64,
    epsilon: f64,
    memory: Memory<E>,
}

impl<E: Element> RmsProp<E> {
    /// `RMSprop` with α = 0.99, μ = 0 and ε = 10⁻⁸.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        let settings = Settings::new(learning_rate);
        Self { settings, alpha: 0.99, momentum: 0.0, epsilon: 1e-8, memory: Memory::new() }
    }

    /// Sets α, the fraction of the mean square that is kept at each step.
    #[must_use]
    pub const fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Keeps the fraction μ of each step for the next.
    #[must_use]
    pub const fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Sets ε, which is added outside of the root.
    #[must_use]
    pub const fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

weight_decay!(RmsProp);

impl<E: Element> Optimizer<E> for RmsProp<E> {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        self.settings.check()?;
        check_fraction("alpha", self.alpha)?;
        check_fraction("momentum", self.momentum)?;
        check_finite("epsilon", self.epsilon)?;
        let (_, [square, velocity]) = self.memory.begin(update.parameters.len())?;
        let [alpha, rest, momentum, epsilon] =
            [self.alpha, 1.0 - self.alpha, self.momentum, self.epsilon].map(E::from_f64);
        self.settings.each(update, |part| {
            let (learning_rate, range) = (part.learning_rate, part.range.clone());
            let moments = square[range.clone()].iter_mut().zip(&mut velocity[range]);
            for ((parameter, gradient), (square, velocity)) in part.decayed().zip(moments) {
                *square = alpha * *square + rest * gradient * gradient;
                *velocity = momentum * *velocity + gradient / (square.sqrt() + epsilon);
                *parameter -= learning_rate * *velocity;
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
