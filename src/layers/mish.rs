//! A smooth unit.

use super::elementwise::function_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{constant, exp};
use crate::kernels::simd::Lanes;

/// y = x · tanh(ln(1 + eˣ)) (Misra, 2019, <https://arxiv.org/abs/1908.08681>). PyTorch's `nn.Mish`.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::mish;
///
/// let model = Model::new(mish.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-200.0, 0.0, 200.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 200.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Mish;

/// From here on the tangent is 1.
const LARGE: f64 = 20.0;

/// e = eˣ and 1 / (n + 2), with which tanh(ln(1 + e)) = n / (n + 2) for n = e · (e + 2).
#[inline(always)]
fn parts<E: Element, V: Lanes<E>>(x: V) -> (V, V) {
    let [one, two]: [V; 2] = [constant(1.0), constant(2.0)];
    let power = exp(x.at_most(constant(LARGE)));
    (power, one / (two + power * (power + two)))
}

function_layer!(Mish);

impl<E: Element> Elementwise<E> for Mish {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        let (power, inverse) = parts(x);
        x * (power * (power + constant(2.0)) * inverse)
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, x: V, dy: V) -> V {
        // With e = eˣ and n = e · (e + 2): y′ = n / (n + 2) + x · 4 · e · (e + 1) / (n + 2)²
        let [one, two, four]: [V; 3] = [constant(1.0), constant(2.0), constant(4.0)];
        let (power, inverse) = parts(x);
        let slope = four * (power * inverse) * ((power + one) * inverse);
        dy * (power * (power + two) * inverse).multiply_add(x.at_most(constant(LARGE)), slope)
    }
}
