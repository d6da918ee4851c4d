//! Layer normalisation.

use crate::element::Element;
use crate::kernels::sample_norm::{KEPT, SampleNorm};
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer};
use crate::layers::eps::Eps;
use crate::shape::Shape;
use crate::slots::Slots;

/// All values of a sample with mean 0 and variance 1, then each scaled and shifted: y = (x − μ)/√(σ² + ε) · γ + β.
///
/// μ and σ² (the biased one) are those of the sample, in training and in evaluation.
///
/// `nn.LayerNorm(sample shape)` of PyTorch; Ba, Kiros and Hinton, 2016, <https://arxiv.org/abs/1607.06450>.
///
/// # Shapes
///
/// S → S. Parameters: `weight` γ and `bias` β, shaped like a sample, 1 and 0 at first.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::LayerNorm;
///
/// let model = Model::new(net!(Vector<2> => {LayerNorm::new().eps(1e-12)}), 0);
/// let y = model.forward(&Batch::from([[1.0, 3.0], [10.0, 0.0]]));
/// assert_eq!(y.as_slice(), [-1.0, 1.0, 1.0, -1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm {
    eps: Eps,
}

impl LayerNorm {
    /// With ε = 1e-5.
    #[must_use]
    pub const fn new() -> Self {
        Self { eps: Eps::DEFAULT }
    }

    /// With another ε, which keeps the deviation away from 0.
    ///
    /// # Panics
    ///
    /// If it is not above 0 and finite.
    #[must_use]
    pub const fn eps(self, eps: f64) -> Self {
        Self { eps: Eps::new(eps) }
    }

    fn norm<S: Shape, E: Element>(self) -> SampleNorm<E> {
        SampleNorm { groups: 1, channels: S::LEN, positions: 1, centred: true, eps: self.eps.get() }
    }
}

impl Default for LayerNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Shape> Layer<S> for LayerNorm {
    type Output = S;

    const PARAMS: usize = 2 * S::LEN;
    const SLOTS: Slots = Slots::scale_and_shift(S::DIMS);
    const SAVED: usize = KEPT;
    const TAIL: bool = true;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let affine = pass.parameters.split_at(S::LEN);
        self.norm::<S, E>().forward(Level::best(), affine, pass.x, pass.y, pass.saved, pass.epilogue);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let weight = &pass.parameters[..S::LEN];
        let gradients = pass.gradients.split_at_mut(S::LEN);
        self.norm::<S, E>().backward(Level::best(), weight, pass.saved, pass.x, pass.dy, pass.dx, gradients);
    }
}
