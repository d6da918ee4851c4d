//! The exponential linear unit.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{constant, exp_m1};
use crate::kernels::simd::Lanes;

/// y = x where x > 0, α · (eˣ − 1) elsewhere (Clevert, Unterthiner and Hochreiter, 2015,
/// <https://arxiv.org/abs/1511.07289>). PyTorch's `nn.ELU`, whose α of 1 is the default.
///
/// Applied in place, it needs no buffer: with α of at least 0 the sign of y is that of x.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::elu;
///
/// let model = Model::new(elu.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-1.0, 0.0, 2.0]]));
/// assert_eq!(y.sample(0)[1..], [0.0, 2.0]);
/// assert!((y.sample(0)[0] - (1.0 / 1f32.exp() - 1.0)).abs() < 1e-7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    alpha: f64,
}

impl Elu {
    /// With an α of its own: −α is the limit for x → −∞.
    ///
    /// # Panics
    ///
    /// If α is negative or NaN: the gradient could not be told from the output.
    #[must_use]
    pub const fn new(alpha: f64) -> Self {
        assert!(alpha >= 0.0, "`elu` takes an alpha of at least 0");
        Self { alpha }
    }
}

impl Default for Elu {
    fn default() -> Self {
        Self::new(1.0)
    }
}

activation_layer!(Elu, |this| crate::Activation::Elu(*this));

impl<E: Element> Elementwise<E> for Elu {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        let zero = constant(0.0);
        x.where_at_most(zero, exp_m1(x.at_most(zero)) * constant(self.alpha), x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        // α · eˣ = y + α
        y.where_at_most(constant(0.0), dy * (y + constant(self.alpha)), dy)
    }
}
