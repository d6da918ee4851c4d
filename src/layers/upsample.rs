//! Each position repeated.

use crate::element::Element;
use crate::kernels::avg_pool2d::{sum_pool2d, sum_pool2d_backward};
use crate::kernels::simd::Level;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::grid::Grid;
use crate::shape::rules::{AtLeastOne, Verdict};
use crate::shape::size::{Const, Dim, N, Sizes, Times};
use crate::shape::window::Positive;
use crate::shape::{Image, MakeImage, MakeSequence, Sequence, Shape};

/// Each value repeated `TIMES` times in each direction: y(c, i, j) = x(c, ⌊i/TIMES⌋, ⌊j/TIMES⌋).
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, TIMES·H, TIMES·W>`, `Sequence<C, L>` → `Sequence<C, TIMES·L>`
///
/// PyTorch: `nn.Upsample(scale_factor=TIMES)`, whose mode is `nearest`.
///
/// # Examples
///
/// ```
/// use shapewright::Upsample;
/// use shapewright::prelude::*;
///
/// let model = Model::new(Upsample::<2>::new().on::<Image<1, 1, 2>>(), 0);
/// let y = model.forward(&Batch::from([[[[3.0, 5.0]]]]));
/// assert_eq!(y.sample(0), [3.0, 3.0, 5.0, 5.0, 3.0, 3.0, 5.0, 5.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Upsample<const TIMES: usize>;

impl<const TIMES: usize> Upsample<TIMES> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<const TIMES: usize> Positive for Upsample<TIMES>
where
    Sizes: Dim<TIMES>,
    N<TIMES>: Verdict,
    <N<TIMES> as Verdict>::Is: AtLeastOne<Self>,
{
}

/// A grid whose rows and columns, `TIMES` times over, are in the dimension table.
#[diagnostic::on_unimplemented(
    message = "upsample takes an image or a sequence, but {Self} arrives",
    label = "no rows and columns, no length: {Self}",
    note = "write it before `flatten`"
)]
pub trait Upsampled<const TIMES: usize>: Grid {
    /// The grid with each position repeated.
    type Output: Shape;
    /// The windows of the output that repeat one position each.
    const WINDOW: Window2d;
}

impl<const C: usize, const H: usize, const W: usize, const TIMES: usize, Rows, Columns> Upsampled<TIMES>
    for Image<C, H, W>
where
    Self: Grid,
    Sizes: Times<H, TIMES, Product = Rows> + Times<W, TIMES, Product = Columns>,
    (Rows, Columns): MakeImage<C>,
{
    type Output = <(Rows, Columns) as MakeImage<C>>::Image;
    const WINDOW: Window2d = Window2d::tiles(C, [TIMES * H, TIMES * W], [TIMES, TIMES]);
}

impl<const C: usize, const L: usize, const TIMES: usize, const LONG: usize> Upsampled<TIMES> for Sequence<C, L>
where
    Self: Grid,
    Sizes: Times<L, TIMES, Product = Const<LONG>>,
    Const<LONG>: MakeSequence<C>,
{
    type Output = <Const<LONG> as MakeSequence<C>>::Sequence;
    const WINDOW: Window2d = Window2d::tiles(C, [1, TIMES * L], [1, TIMES]);
}

// Repeating is the derivative of adding up, and the other way round.
impl<I: Upsampled<TIMES>, const TIMES: usize> Layer<I> for Upsample<TIMES>
where
    Self: Positive,
{
    type Output = I::Output;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        for (x, y) in pass.x.chunks_exact(I::LEN).zip(pass.y.chunks_exact_mut(I::Output::LEN)) {
            sum_pool2d_backward(Level::best(), const { &I::WINDOW }, E::one(), x, y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        for (dy, dx) in pass.dy.chunks_exact(I::Output::LEN).zip(dx.chunks_exact_mut(I::LEN)) {
            sum_pool2d(Level::best(), const { &I::WINDOW }, E::one(), dy, dx);
        }
    }
}
