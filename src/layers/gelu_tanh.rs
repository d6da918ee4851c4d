//! The Gaussian error linear unit, nearly.

use super::elementwise::function_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{constant, sigmoid};
use crate::kernels::simd::Lanes;

/// y = ½ · x · (1 + tanh z) with z = √(2/π) · (x + 0.044715 · x³), within 0.0005 of [`Gelu`](crate::Gelu) (Hendrycks and Gimpel, 2016,
/// <https://arxiv.org/abs/1606.08415>). PyTorch's `nn.GELU(approximate='tanh')`.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::gelu_tanh;
///
/// let model = Model::new(gelu_tanh.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-200.0, 0.0, 200.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 200.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GeluTanh;

/// 2 · √(2/π)
const SCALE: f64 = 1.595_769_121_605_730_7;
const CUBE: f64 = 0.044_715;

/// ½ · (1 + tanh z) = σ(2z)
#[inline(always)]
fn gate<E: Element, V: Lanes<E>>(x: V) -> V {
    sigmoid(x * constant::<E, V>(SCALE).multiply_add(x * x, constant(CUBE * SCALE)))
}

function_layer!(GeluTanh);

impl<E: Element> Elementwise<E> for GeluTanh {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        x * gate(x)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, x: V, dy: V) -> V {
        // With y = x · σ(2z): y′ = σ + x · σ · (1 − σ) · 2z′, which is 0 or 1 from 40 on, where squares might be infinite.
        let x = x.at_least(constant(-40.0)).at_most(constant(40.0));
        let [one, gate]: [V; 2] = [constant(1.0), gate(x)];
        let slope = constant::<E, V>(SCALE).multiply_add(x * x, constant(3.0 * CUBE * SCALE));
        dy * gate.multiply_add(x * slope, gate * (one - gate))
    }
}
