//! The mean of each window.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::avg_pool2d::{AvgPool2dGeometry, avg_pool2d, avg_pool2d_backward};
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::Shape;
use crate::shape::grid::Slides;
use crate::shape::window::{Dilation, Floor, Pad, PoolPadding};

/// The mean of each window of each channel: y(c, i, j) = Σ over (p, q) of x(c, i·S + p − P, j·S + q − P) / n(i, j).
///
/// n is the number of taps that lie in the padded input; with [`SkipPadding`] in place of [`CountPadding`], of those
/// that lie in the input. Padding is at most half of the window.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, H′, W′>` with H′ = (H + 2P − K)/S + 1, rounded down; likewise `Sequence<C, L>` →
/// `Sequence<C, L′>`, where both numbers of each pair must be the same.
///
/// With [`Ceil`](crate::Ceil) in place of [`Floor`] the quotient is rounded up, but a last window that would start in
/// the padding behind the input is left out.
///
/// PyTorch: `nn.AvgPool2d` and `nn.AvgPool1d`; `SkipPadding` is `count_include_pad=False`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{AvgPool2d, Kernel, Stride};
///
/// let pool = AvgPool2d::<Kernel<2, 2>, Stride<2, 2>>::new();
/// let model = Model::new(pool.on::<Image<1, 2, 4>>(), 0);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 5.0, 0.0], [3.0, 4.0, 7.0, 6.0]]]]));
/// assert_eq!(y.sample(0), [2.5, 4.5]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AvgPool2d<K, S, P = Pad<0, 0>, R = Floor, C = CountPadding>(PhantomData<(K, S, P, R, C)>);

/// The mean of an average pool is over all that a window covers of the padded input.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountPadding;

/// The mean of an average pool is over the values of the input only.
#[derive(Clone, Copy, Debug, Default)]
pub struct SkipPadding;

/// [`CountPadding`] or [`SkipPadding`].
pub trait Counting {
    /// Whether padding counts.
    const COUNTS_PADDING: bool;
}

impl Counting for CountPadding {
    const COUNTS_PADDING: bool = true;
}

impl Counting for SkipPadding {
    const COUNTS_PADDING: bool = false;
}

impl<K, S, P, R, C> AvgPool2d<K, S, P, R, C> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    const fn geometry<I: Slides<K, S, P, Dilation<1, 1>, R>>() -> AvgPool2dGeometry
    where
        C: Counting,
    {
        if C::COUNTS_PADDING {
            AvgPool2dGeometry::count_padding(I::WINDOW, I::AFTER)
        } else {
            AvgPool2dGeometry::skip_padding(I::WINDOW)
        }
    }
}

impl<I: Slides<K, S, P, Dilation<1, 1>, R>, K, S, P, R, C: Counting> Layer<I> for AvgPool2d<K, S, P, R, C>
where
    Self: Clone + Send + Sync,
    P: PoolPadding<K, Dilation<1, 1>>,
{
    type Output = I::Output;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let geometry = const { &Self::geometry::<I>() };
        for (x, y) in pass.x.chunks_exact(I::LEN).zip(pass.y.chunks_exact_mut(I::Output::LEN)) {
            avg_pool2d(Level::best(), geometry, x, y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let geometry = const { &Self::geometry::<I>() };
        for (dy, dx) in pass.dy.chunks_exact_mut(I::Output::LEN).zip(dx.chunks_exact_mut(I::LEN)) {
            avg_pool2d_backward(Level::best(), geometry, dy, dx);
        }
    }
}
