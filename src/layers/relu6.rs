//! The rectifier that ends at 6.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::constant;
use crate::kernels::simd::Lanes;

/// y = min(max(x, 0), 6), value by value; NaN stays NaN. The gradient at 0 and at 6 is 0. PyTorch's `nn.ReLU6`.
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
/// use shapewright::dsl::relu6;
///
/// let model = Model::new(relu6.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-1.0, 2.0, 7.0]]));
/// assert_eq!(y.sample(0), [0.0, 2.0, 6.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Relu6;

activation_layer!(Relu6);

impl<E: Element> Elementwise<E> for Relu6 {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        x.relu().at_most(constant(6.0))
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        let [zero, six]: [V; 2] = [constant(0.0), constant(6.0)];
        y.where_at_most(zero, zero, six.where_at_most(y, zero, dy))
    }
}
