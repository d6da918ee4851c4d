//! Optimizers: one pass over the slab of parameters a step.

mod adam;
mod sgd;

pub use adam::Adam;
pub use sgd::Sgd;

use crate::element::Element;
use crate::error::Error;

/// A rule that moves parameters against their gradients.
pub trait Optimizer<E: Element> {
    /// Changes the parameters by one step.
    ///
    /// # Errors
    ///
    /// [`Error::Moments`] if the optimizer has moved another number of parameters before, [`Error::Setting`] if it was made with a
    /// number that cannot be; the parameters are then as before.
    fn update(&mut self, parameters: &mut [E], gradients: &[E]) -> Result<(), Error>;
}

/// What a learning rate may be.
const FINITE: &str = "at least 0 and finite";
/// What a fraction that is kept from step to step may be.
const FRACTION: &str = "at least 0 and below 1";

/// Makes the moments on first use; afterwards their number may not change.
fn prepare<E: Element>(moments: &mut Vec<E>, parameters: usize) -> Result<(), Error> {
    if moments.is_empty() {
        moments.resize(parameters, E::zero());
    }
    if moments.len() == parameters { Ok(()) } else { Err(Error::Moments { moments: moments.len(), parameters }) }
}

/// Fails with the number unless it is finite and in [0, `end`).
fn check_setting(name: &'static str, value: f64, end: f64, allowed: &'static str) -> Result<(), Error> {
    if value.is_finite() && (0.0..end).contains(&value) { Ok(()) } else { Err(Error::Setting { name, value, allowed }) }
}

#[cfg(test)]
mod tests {
    use super::{Adam, Optimizer, Sgd};

    #[test]
    fn numbers_that_cannot_be_are_refused_before_anything_moves() {
        let mut parameters = [1.0_f64; 2];
        let refused = [
            Sgd::new(f64::NAN).update(&mut parameters, &[1.0; 2]),
            Sgd::new(0.1).momentum(7.0).update(&mut parameters, &[1.0; 2]),
            Adam::new(-0.1).update(&mut parameters, &[1.0; 2]),
            Adam::new(0.1).betas(0.9, 1.0).update(&mut parameters, &[1.0; 2]),
            Adam::new(0.1).epsilon(f64::INFINITY).update(&mut parameters, &[1.0; 2]),
        ];
        let texts = refused.map(|result| result.unwrap_err().to_string());
        assert_eq!(
            texts,
            [
                "learning_rate is NaN, but must be at least 0 and finite",
                "momentum is 7, but must be at least 0 and below 1",
                "learning_rate is -0.1, but must be at least 0 and finite",
                "beta is 1, but must be at least 0 and below 1",
                "epsilon is inf, but must be at least 0 and finite",
            ]
        );
        assert!(parameters.iter().all(|&parameter| parameter.to_bits() == 1.0_f64.to_bits()));
    }
}
