//! The sigmoid linear unit in straight lines.

use super::elementwise::function_layer;
use crate::element::Element;
use crate::kernels::elementwise::Elementwise;
use crate::kernels::math::constant;
use crate::kernels::simd::Lanes;

/// y = x · min(max(x + 3, 0), 6) / 6 (Howard and others, 2019, <https://arxiv.org/abs/1905.02244>). PyTorch's `nn.Hardswish`.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::hard_swish;
///
/// let model = Model::new(hard_swish.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-4.0, 0.0, 4.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 4.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct HardSwish;

function_layer!(HardSwish);

impl<E: Element> Elementwise<E> for HardSwish {
    #[inline(always)]
    fn value<V: Lanes<E>>(self, x: V) -> V {
        let three: V = constant(3.0);
        x * ((x + three).relu().at_most(constant(6.0)) * constant(1.0 / 6.0))
    }

    #[inline(always)]
    fn gradient<V: Lanes<E>>(self, x: V, dy: V) -> V {
        // 0 up to −3, x/3 + 1/2 in between, 1 from 3 on
        let [zero, three]: [V; 2] = [constant(0.0), constant(3.0)];
        let between = dy * constant::<E, V>(0.5).multiply_add(x, constant(1.0 / 3.0));
        x.where_at_most(zero - three, zero, three.where_at_most(x, dy, between))
    }
}
