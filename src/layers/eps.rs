//! What keeps the deviation of a norm away from 0.

use crate::element::Element;

/// The ε of √(σ² + ε).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Eps(f64);

impl Eps {
    /// PyTorch's.
    pub(super) const DEFAULT: Self = Self(1e-5);

    /// An ε of the user's.
    pub(super) const fn new(eps: f64) -> Self {
        assert!(eps > 0.0 && eps < f64::INFINITY, "the eps of a norm must be above 0 and finite");
        Self(eps)
    }

    pub(super) const fn value(self) -> f64 {
        self.0
    }

    pub(super) fn get<E: Element>(self) -> E {
        E::from_f64(self.0)
    }
}
