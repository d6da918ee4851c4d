//! The largest value of each window.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::max_pool2d::{max_pool2d, max_pool2d_backward};
use crate::kernels::simd::Level;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::window::{Dilation, Pad, PoolPadding, Window};
use crate::shape::{Image, MakeImage, Shape};

/// The largest value of each window of each channel: y(c, i, j) = max over (p, q) of x(c, i·S + p·D − P, j·S + q·D − P).
///
/// Padding counts as −∞. NaN propagates. Of equal values the first, row by row, gets the gradient, as in PyTorch;
/// CS231n's teaching code gives it to all of them.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, H′, W′>` with H′ = (H + 2P − D(K−1) − 1)/S + 1, rounded down
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
pub struct MaxPool2d<K, S, P = Pad<0, 0>, D = Dilation<1, 1>>(PhantomData<(K, S, P, D)>);

impl<K, S, P, D> MaxPool2d<K, S, P, D> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    const fn window<const C: usize, const H: usize, const W: usize>() -> Window2d
    where
        P: Window<H, W, K, S, D>,
    {
        Window2d { channels: C, ..P::WINDOW }
    }
}

impl<const C: usize, const H: usize, const W: usize, K, S, P, D> Layer<Image<C, H, W>> for MaxPool2d<K, S, P, D>
where
    Image<C, H, W>: Shape,
    Self: Clone + Send + Sync,
    P: Window<H, W, K, S, D> + PoolPadding<K, D>,
    P::Output: MakeImage<C>,
{
    type Output = <P::Output as MakeImage<C>>::Image;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let window = const { &Self::window::<C, H, W>() };
        for (x, y) in pass.x.chunks_exact(window.input_len()).zip(pass.y.chunks_exact_mut(Self::Output::LEN)) {
            max_pool2d(Level::best(), window, x, y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let window = const { &Self::window::<C, H, W>() };
        let inputs = pass.x.chunks_exact(window.input_len());
        let outputs = pass.dy.chunks_exact(Self::Output::LEN);
        for ((x, dy), dx) in inputs.zip(outputs).zip(dx.chunks_exact_mut(window.input_len())) {
            max_pool2d_backward(Level::best(), window, x, dy, dx);
        }
    }
}
