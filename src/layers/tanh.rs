//! The hyperbolic tangent.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{self, constant};
use crate::kernels::simd::Lanes;

/// y = tanh x. PyTorch's `nn.Tanh`.
///
/// Applied in place, it needs no buffer.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::tanh;
///
/// let model = Model::new(tanh.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[0.0, 200.0, -200.0]]));
/// assert_eq!(y.sample(0), [0.0, 1.0, -1.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

activation_layer!(Tanh);

impl<E: Element> Elementwise<E> for Tanh {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        math::tanh(x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        dy * (constant::<E, V>(1.0) - y * y)
    }
}
