//! Instance normalisation.

use crate::element::Element;
use crate::kernels::sample_norm::{KEPT, SampleNorm};
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer};
use crate::layers::eps::Eps;
use crate::shape::Channelled;
use crate::shape::rules::Positioned;

/// Each channel of each sample with mean 0 and variance 1: y = (x − μ)/√(σ² + ε).
///
/// μ and σ² (the biased one) are those of the channel's positions, in training and in evaluation. There are no parameters and no
/// running statistics, as there are none in PyTorch unless they are asked for.
///
/// `nn.InstanceNorm1d` and `nn.InstanceNorm2d` of PyTorch; Ulyanov, Vedaldi and Lempitsky, 2016,
/// <https://arxiv.org/abs/1607.08022>.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, H, W>`; likewise for sequences
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::InstanceNorm;
///
/// let model = Model::new(net!(Sequence<2, 2> => {InstanceNorm::new().eps(1e-12)}), 0);
/// let y = model.forward(&Batch::from([[[1.0, 3.0], [10.0, 0.0]]]));
/// assert_eq!(y.as_slice(), [-1.0, 1.0, 1.0, -1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstanceNorm {
    eps: Eps,
}

impl InstanceNorm {
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

    fn norm<S: Channelled, E: Element>(self) -> SampleNorm<E> {
        let (channels, positions) = (S::CHANNELS, S::POSITIONS);
        SampleNorm { groups: channels, channels, positions, centred: true, eps: self.eps.get() }
    }
}

impl Default for InstanceNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Positioned> Layer<S> for InstanceNorm {
    type Output = S;

    const SAVED: usize = KEPT * S::CHANNELS;
    const TAIL: bool = true;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        self.norm::<S, E>().forward(Level::best(), (&[], &[]), pass.x, pass.y, pass.saved, pass.epilogue);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let gradients = (&mut [][..], &mut [][..]);
        self.norm::<S, E>().backward(Level::best(), &[], pass.saved, pass.x, pass.dy, pass.dx, gradients);
    }
}
