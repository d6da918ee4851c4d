//! The rectifier that lets a little through.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::constant;
use crate::kernels::simd::Lanes;

/// y = x where x > 0, slope · x elsewhere (Maas, Hannun and Ng, 2013). PyTorch's `nn.LeakyReLU`, whose slope of 0.01 is the default.
///
/// Applied in place, it needs no buffer: with a slope of at least 0 the sign of y is that of x.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::leaky_relu;
///
/// let model = Model::new(leaky_relu.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-1.0, 0.0, 2.0]]));
/// assert_eq!(y.sample(0), [-0.01, 0.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    slope: f64,
}

impl LeakyRelu {
    /// With a slope of its own for what is below 0.
    ///
    /// # Panics
    ///
    /// If the slope is negative or NaN: the gradient could not be told from the output.
    #[must_use]
    pub const fn new(slope: f64) -> Self {
        assert!(slope >= 0.0, "`leaky_relu` takes a slope of at least 0");
        Self { slope }
    }
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self::new(0.01)
    }
}

activation_layer!(LeakyRelu, |this| crate::Activation::LeakyRelu(*this));

impl<E: Element> Elementwise<E> for LeakyRelu {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        x.where_at_most(constant(0.0), x * constant(self.slope), x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        y.where_at_most(constant(0.0), dy * constant(self.slope), dy)
    }
}
