//! The rectifier.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::simd::Lanes;

/// y = max(x, 0), value by value; NaN stays NaN. The gradient at 0 is 0. PyTorch's `nn.ReLU`.
///
/// In a chain it costs no pass of its own: the layer before it applies it while writing.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::relu;
///
/// let model = Model::new(relu.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-1.0, 0.0, 2.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Relu;

activation_layer!(Relu);

impl<E: Element> Elementwise<E> for Relu {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        x.relu()
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        let zero = V::splat(E::zero());
        y.where_at_most(zero, zero, dy)
    }
}
