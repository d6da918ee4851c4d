//! The Gaussian error linear unit.

use super::elementwise::function_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::normal;
use crate::kernels::simd::Lanes;

/// y = x · Φ(x), Φ being the distribution function of the standard normal distribution (Hendrycks and Gimpel, 2016,
/// <https://arxiv.org/abs/1606.08415>). PyTorch's `nn.GELU`.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::gelu;
///
/// let model = Model::new(gelu.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-200.0, 0.0, 200.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 200.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Gelu;

function_layer!(Gelu);

impl<E: Element> Elementwise<E> for Gelu {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        let (distribution, _) = normal(x);
        x * distribution
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, x: V, dy: V) -> V {
        let (distribution, density) = normal(x);
        dy * distribution.multiply_add(x, density)
    }
}
