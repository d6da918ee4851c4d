//! Local response normalisation.

use crate::element::Element;
use crate::kernels::lrn::LocalResponse;
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer, Space};
use crate::shape::Channelled;

/// Each value divided by what its neighbours in other channels are: y(c) = x(c) / (k + α/n · Σ x(j)²)^β, where j runs over
/// the n channels around c, from c − ⌊n/2⌋ to c + ⌊(n−1)/2⌋, as far as there are such.
///
/// The sum is over the channels at the same position, and α is divided by n, as in PyTorch. The paper does not divide:
/// its n = 5, k = 2, α = 1e-4, β = 0.75 are `Lrn::new(5).k(2.0).alpha(5e-4)`.
///
/// `nn.LocalResponseNorm` of PyTorch; Krizhevsky, Sutskever and Hinton, 2012 (`AlexNet`), section 3.3.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Lrn;
///
/// let model = Model::new(net!(Sequence<2, 1> => {Lrn::new(3).alpha(3.0).beta(1.0)}), 0);
/// let y = model.forward(&Batch::from([[[1.0], [2.0]]]));
/// assert_eq!(y.as_slice(), [1.0 / 6.0, 2.0 / 6.0]); // 1 + 3/3 · (1² + 2²)
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lrn {
    response: LocalResponse,
}

impl Lrn {
    /// Over `size` channels, with α = 1e-4, β = 0.75 and k = 1.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[must_use]
    pub const fn new(size: usize) -> Self {
        assert!(size > 0, "the size of a local response norm must be at least 1");
        Self { response: LocalResponse { size, alpha: 1e-4, beta: 0.75, k: 1.0 } }
    }

    /// With another α, the weight of the mean square.
    #[must_use]
    pub const fn alpha(self, alpha: f64) -> Self {
        Self { response: LocalResponse { alpha, ..self.response } }
    }

    /// With another β, the exponent.
    #[must_use]
    pub const fn beta(self, beta: f64) -> Self {
        Self { response: LocalResponse { beta, ..self.response } }
    }

    /// With another k, what is there without neighbours.
    #[must_use]
    pub const fn k(self, k: f64) -> Self {
        Self { response: LocalResponse { k, ..self.response } }
    }
}

impl<S: Channelled> Layer<S> for Lrn {
    type Output = S;

    const SCRATCH: Space = Space::fixed(2 * S::LEN);
    const INFERENCE: Space = Space::NONE;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        self.response.forward(Level::best(), [S::CHANNELS, S::POSITIONS], pass.x, pass.y);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        self.response.backward(Level::best(), [S::CHANNELS, S::POSITIONS], pass.x, pass.dy, dx, pass.scratch);
    }
}
