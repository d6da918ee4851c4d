//! The largest value of each window.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::max_pool2d::{max_pool2d, max_pool2d_backward};
use crate::kernels::simd::Level;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::Shape;
use crate::shape::grid::Slides;
use crate::shape::window::{Dilation, Floor, Pad, PoolPadding};

/// The largest value of each window of each channel: y(c, i, j) = max over (p, q) of x(c, i·S + p·D − P, j·S + q·D − P).
///
/// Padding counts as −∞. NaN propagates. Of equal values the first, row by row, gets the gradient, as in PyTorch;
/// CS231n's teaching code gives it to all of them.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, H′, W′>` with H′ = (H + 2P − D(K−1) − 1)/S + 1, rounded down; likewise
/// `Sequence<C, L>` → `Sequence<C, L′>`, where both numbers of each pair must be the same.
///
/// With [`Ceil`](crate::Ceil) in place of [`Floor`] the quotient is rounded up, but a last window that would start in
/// the padding behind the input is left out.
///
/// PyTorch: `nn.MaxPool2d` and `nn.MaxPool1d`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let model = Model::new(net!(Image<1, 2, 4> => pool2), 0);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 5.0, 0.0], [3.0, 4.0, 7.0, 6.0]]]]));
/// assert_eq!(y.sample(0), [4.0, 7.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MaxPool2d<K, S, P = Pad<0, 0>, D = Dilation<1, 1>, R = Floor>(PhantomData<(K, S, P, D, R)>);

impl<K, S, P, D, R> MaxPool2d<K, S, P, D, R> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<I: Slides<K, S, P, D, R>, K, S, P, D, R> Layer<I> for MaxPool2d<K, S, P, D, R>
where
    Self: Clone + Send + Sync,
    P: PoolPadding<K, D>,
{
    type Output = I::Output;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let window: &Window2d = const { &I::WINDOW };
        for (x, y) in pass.x.chunks_exact(I::LEN).zip(pass.y.chunks_exact_mut(I::Output::LEN)) {
            max_pool2d(Level::best(), window, x, y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let window: &Window2d = const { &I::WINDOW };
        let outputs = pass.dy.chunks_exact(I::Output::LEN);
        for ((x, dy), dx) in pass.x.chunks_exact(I::LEN).zip(outputs).zip(dx.chunks_exact_mut(I::LEN)) {
            max_pool2d_backward(Level::best(), window, x, dy, dx);
        }
    }
}
