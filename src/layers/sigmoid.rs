//! The logistic function.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{self, constant};
use crate::kernels::simd::Lanes;

/// y = 1 / (1 + e⁻ˣ). PyTorch's `nn.Sigmoid`.
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
/// use shapewright::dsl::sigmoid;
///
/// let model = Model::new(sigmoid.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[0.0, 200.0, -200.0]]));
/// assert_eq!(y.sample(0), [0.5, 1.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

activation_layer!(Sigmoid);

impl<E: Element> Elementwise<E> for Sigmoid {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        math::sigmoid(x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        dy * (y * (constant::<E, V>(1.0) - y))
    }
}
