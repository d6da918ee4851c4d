//! Root mean square normalisation.

use crate::element::Element;
use crate::init::Init;
use crate::kernels::sample_norm::{KEPT, SampleNorm};
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer};
use crate::layers::eps::Eps;
use crate::shape::Shape;
use crate::slots::{Slot, Slots};

/// All values of a sample with mean square 1, then each scaled: y = x/√(mean of x² + ε) · γ.
///
/// ε is 1e-5 unless said otherwise; PyTorch's default is the smallest step from 1 of the element type.
///
/// `nn.RMSNorm(sample shape, eps=1e-5)` of PyTorch; Zhang and Sennrich, 2019, <https://arxiv.org/abs/1910.07467>.
///
/// # Shapes
///
/// S → S. Parameters: `weight` γ, shaped like a sample, 1 at first.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::RmsNorm;
///
/// let model = Model::new(net!(Vector<2> => {RmsNorm::new().eps(1e-12)}), 0);
/// assert_eq!(model.forward(&Batch::from([[7.0, 1.0]])).as_slice(), [1.4, 0.2]); // the root of (49 + 1)/2 is 5
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsNorm {
    eps: Eps,
}

impl RmsNorm {
    /// With ε = 1e-5.
    #[must_use]
    pub const fn new() -> Self {
        Self { eps: Eps::DEFAULT }
    }

    /// With another ε, which keeps the root away from 0.
    ///
    /// # Panics
    ///
    /// If it is not above 0 and finite.
    #[must_use]
    pub const fn eps(self, eps: f64) -> Self {
        Self { eps: Eps::new(eps) }
    }

    fn norm<S: Shape, E: Element>(self) -> SampleNorm<E> {
        SampleNorm { groups: 1, channels: S::LEN, positions: 1, centred: false, eps: self.eps.get() }
    }
}

impl Default for RmsNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Shape> Layer<S> for RmsNorm {
    type Output = S;

    const PARAMS: usize = S::LEN;
    const SLOTS: Slots = Slots::of([Slot::new("weight", S::DIMS, Init::Ones)], []);
    const SAVED: usize = KEPT;
    const TAIL: bool = true;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let affine = (pass.parameters, &[][..]);
        self.norm::<S, E>().forward(Level::best(), affine, pass.x, pass.y, pass.saved, pass.epilogue);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let gradients = (pass.gradients, &mut [][..]);
        self.norm::<S, E>().backward(Level::best(), pass.parameters, pass.saved, pass.x, pass.dy, pass.dx, gradients);
    }
}
