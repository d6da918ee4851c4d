//! Group normalisation.

use crate::element::Element;
use crate::kernels::sample_norm::{KEPT, SampleNorm};
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer};
use crate::layers::eps::Eps;
use crate::shape::Grouped;
use crate::slots::Slots;

/// Each of `G` groups of channels of each sample with mean 0 and variance 1, then each channel scaled and shifted:
/// y = (x − μ)/√(σ² + ε) · γ + β.
///
/// μ and σ² (the biased one) are those of the group's values in the sample, in training and in evaluation.
///
/// `nn.GroupNorm` of PyTorch; Wu and He, 2018, <https://arxiv.org/abs/1803.08494>.
///
/// # Shapes
///
/// S → S; `G` must divide the channels: those of images and sequences, or the number of features.
/// Parameters: `weight` γ (C), 1 at first, and `bias` β (C), 0 at first.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::GroupNorm;
///
/// let model = Model::new(net!(Vector<4> => {GroupNorm::<2>::new().eps(1e-12)}), 0);
/// let y = model.forward(&Batch::from([[1.0, 3.0, 10.0, 0.0]]));
/// assert_eq!(y.as_slice(), [-1.0, 1.0, 1.0, -1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm<const G: usize> {
    eps: Eps,
}

impl<const G: usize> GroupNorm<G> {
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

    fn norm<S: Grouped<G>, E: Element>(self) -> SampleNorm<E> {
        let (channels, positions) = (S::CHANNELS, S::POSITIONS);
        SampleNorm { groups: G, channels, positions, centred: true, eps: self.eps.get() }
    }
}

impl<const G: usize> Default for GroupNorm<G> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Grouped<G>, const G: usize> Layer<S> for GroupNorm<G> {
    type Output = S;

    const PARAMS: usize = 2 * S::CHANNELS;
    const SLOTS: Slots = Slots::scale_and_shift(&[S::CHANNELS]);
    const SAVED: usize = KEPT * G;
    const TAIL: bool = true;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let affine = pass.parameters.split_at(S::CHANNELS);
        self.norm::<S, E>().forward(Level::best(), affine, pass.x, pass.y, pass.saved, pass.epilogue);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let weight = &pass.parameters[..S::CHANNELS];
        let gradients = pass.gradients.split_at_mut(S::CHANNELS);
        self.norm::<S, E>().backward(Level::best(), weight, pass.saved, pass.x, pass.dy, pass.dx, gradients);
    }
}
