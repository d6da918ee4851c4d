//! Windows that read everything.

use crate::layer::Layer;
use crate::layers::{AvgPool2d, Conv2d, DepthwiseConv2d, MaxPool2d};
use crate::outline::Outline;
use crate::plan::Plan;
use crate::shape::Shape;
use crate::shape::exact::{ReadBy, TiledBy};
use crate::shape::window::Dilation;

/// A convolution or a pool that does not compile where its window skips something silently: `conv(8, k3, s2, exact)`.
///
/// Rounding down, a stride leaves rows or columns at the end unread; a stride beyond the kernel leaves some between; padding as
/// thick as the kernel gives windows that see nothing but it; and where the windows of a max pool overlap, one
/// maximum gets the gradient of several, which pools with equal values and libraries share out differently. All this is legal and
/// usual. With `exact` it is an error that says how much is concerned.
///
/// | layer | `exact` asks for |
/// | --- | --- |
/// | convolutions, average pools | every pixel is read; no window lies in the padding |
/// | max pools | every pixel is read by one window |
///
/// # Shapes
///
/// Those of the layer.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// net! { pub Even: Image<1, 28, 28> => Image<8, 7, 7> = conv(8, k3, s2, pad1, exact) >> relu >> maxpool(k2, exact) }
/// net! { #[exact] pub All: Image<1, 28, 28> => Image<8, 7, 7> = conv(8, k3, s2, pad1) >> relu >> pool2 }
/// ```
///
/// ```compile_fail
/// # use shapewright::prelude::*;
/// net! { #[exact] pub Odd: Image<1, 28, 28> => Image<8, 6, 6> = conv(8, k3, s2) >> relu >> pool2 }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Exact<L>(L);

impl<L> Exact<L> {
    /// `layer`, held to be exact.
    #[must_use]
    pub const fn new(layer: L) -> Self {
        Self(layer)
    }
}

/// Layers whose window is exact on `I`.
#[diagnostic::on_unimplemented(
    message = "`exact` is said of convolutions and pools, not of `{Self}`",
    label = "has no window over {I}"
)]
pub trait ExactOn<I> {}

impl<I: ReadBy<K, S, P, D>, T, const O: usize, K, S, P, D, G, B> ExactOn<I> for Conv2d<T, O, K, S, P, D, G, B> {}
impl<I: ReadBy<K, S, P, D>, K, S, P, D, B> ExactOn<I> for DepthwiseConv2d<K, S, P, D, B> {}
impl<I: ReadBy<K, S, P, Dilation<1, 1>, R>, K, S, P, R, C> ExactOn<I> for AvgPool2d<K, S, P, R, C> {}
impl<I: ReadBy<K, S, P, D, R> + TiledBy<K, S, P, D>, K, S, P, D, R> ExactOn<I> for MaxPool2d<K, S, P, D, R> {}

impl<I: Shape, L: Layer<I> + ExactOn<I>> Layer<I> for Exact<L> {
    type Output = L::Output;

    const PLAN: Plan = L::PLAN;

    crate::__hand_on!(L as I, |this| &this.0);

    fn outline(&self, outline: &mut Outline) {
        self.0.outline(outline);
    }
}
