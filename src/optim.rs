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
    /// [`Error::Moments`] if the optimizer has moved another number of parameters before.
    fn update(&mut self, parameters: &mut [E], gradients: &[E]) -> Result<(), Error>;
}

/// Makes the moments on first use; afterwards their number may not change.
fn prepare<E: Element>(moments: &mut Vec<E>, parameters: usize) -> Result<(), Error> {
    if moments.is_empty() {
        moments.resize(parameters, E::zero());
    }
    if moments.len() == parameters { Ok(()) } else { Err(Error::Moments { moments: moments.len(), parameters }) }
}
