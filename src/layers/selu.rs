//! The self-normalising unit.

use super::elementwise::activation_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::{constant, exp_m1};
use crate::kernels::simd::Lanes;

/// y = λ · x where x > 0, λ · α · (eˣ − 1) elsewhere, with λ = 1.0507… and α = 1.6733…, which keep mean 0 and variance 1 (Klambauer
/// and others, 2017, <https://arxiv.org/abs/1706.02515>). PyTorch's `nn.SELU`.
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
/// use shapewright::dsl::selu;
///
/// let model = Model::new(selu.on::<Vector<2>>(), 0);
/// let y = model.forward(&Batch::from([[0.0, 1.0]]));
/// assert_eq!(y.sample(0), [0.0, 1.050_701]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Selu;

const LAMBDA: f64 = 1.050_700_987_355_480_5;
const ALPHA: f64 = 1.673_263_242_354_377_2;

activation_layer!(Selu);

impl<E: Element> Elementwise<E> for Selu {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        let zero = constant(0.0);
        x.where_at_most(zero, exp_m1(x.at_most(zero)) * constant(LAMBDA * ALPHA), x * constant(LAMBDA))
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, y: V, dy: V) -> V {
        // λ · α · eˣ = y + λ · α
        dy * y.where_at_most(constant(0.0), y + constant(LAMBDA * ALPHA), constant(LAMBDA))
    }
}
