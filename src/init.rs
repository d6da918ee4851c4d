//! How parameters start.

use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::element::Element;

/// The distribution that a parameter's first values are drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// Normal with deviation √(2 / `fan_in`), which keeps the variance through relu (He et al., 2015,
    /// <https://arxiv.org/abs/1502.01852>).
    He {
        /// How many inputs each output adds up.
        fan_in: usize,
    },
}

impl Init {
    /// Fills `values`. The numbers depend on the generator alone: drawn in `f64`, rounded once.
    pub fn fill<E: Element>(self, values: &mut [E], generator: &mut ChaCha8Rng) {
        match self {
            Self::Zeros => values.fill(E::zero()),
            Self::Ones => values.fill(E::one()),
            Self::He { fan_in } => {
                let deviation = (2.0 / fan_in as f64).sqrt();
                values.fill_with(|| {
                    let normal: f64 = StandardNormal.sample(generator);
                    E::from_f64(normal * deviation)
                });
            }
        }
    }
}
