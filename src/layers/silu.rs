//! The sigmoid linear unit.

use super::elementwise::function_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{constant, sigmoid};
use crate::kernels::simd::Lanes;

/// y = x · σ(x) with σ(x) = 1 / (1 + e⁻ˣ), also called swish (Elfwing, Uchibe and Doya, 2017, <https://arxiv.org/abs/1702.03118>).
/// PyTorch's `nn.SiLU`.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::silu;
///
/// let model = Model::new(silu.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-200.0, 0.0, 200.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 200.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Silu;

function_layer!(Silu);

impl<E: Element> Elementwise<E> for Silu {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        x * sigmoid(x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, x: V, dy: V) -> V {
        // y′ = σ + x · σ · (1 − σ)
        let [one, gate]: [V; 2] = [constant(1.0), sigmoid(x)];
        dy * gate.multiply_add(x * gate, one - gate)
    }
}
