//! The smooth rectifier.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{self, constant, exp_m1};
use crate::kernels::simd::Lanes;

/// y = ln(1 + eˣ). PyTorch's `nn.Softplus`, which takes y = x from 20 on; here it is the formula everywhere, a difference of 2 · 10⁻⁹.
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
/// use shapewright::dsl::softplus;
///
/// let model = Model::new(softplus.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-200.0, 0.0, 200.0]]));
/// assert_eq!(y.sample(0), [0.0, 2f32.ln(), 200.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Softplus;

activation_layer!(Softplus);

impl<E: Element> Elementwise<E> for Softplus {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        math::softplus(x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        // eˣ / (1 + eˣ) = 1 − e⁻ʸ
        let zero: V = constant(0.0);
        dy * (zero - exp_m1(zero - y))
    }
}
