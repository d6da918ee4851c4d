//! Means over equal windows, as many as are asked for.

use typenum::{Eq, IsEqual, Max, Mod, U0, U1};

use crate::element::Element;
use crate::kernels::avg_pool2d::{sum_pool2d, sum_pool2d_backward};
use crate::kernels::simd::Level;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::grid::Grid;
use crate::shape::rules::{AtLeastOne, Parts, Verdict};
use crate::shape::size::{Dim, N, Sizes};
use crate::shape::window::{Positive, Step};
use crate::shape::{Image, Sequence, Shape};

/// The means of `H` × `W` equal windows side by side: an [`AvgPool2d`](crate::AvgPool2d) whose kernel and stride are
/// the input's rows and columns over `H` and `W`, which must divide them.
///
/// # Shapes
///
/// `Image<C, n·H, m·W>` → `Image<C, H, W>`; `Sequence<C, n·L>` → `Sequence<C, L>` for `AdaptiveAvgPool<L, L>`
///
/// PyTorch: `nn.AdaptiveAvgPool2d`, where it divides.
///
/// # Examples
///
/// ```
/// use shapewright::AdaptiveAvgPool;
/// use shapewright::prelude::*;
///
/// let model = Model::new(AdaptiveAvgPool::<1, 2>::new().on::<Image<1, 2, 4>>(), 0);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 5.0, 0.0], [3.0, 4.0, 7.0, 6.0]]]]));
/// assert_eq!(y.sample(0), [2.5, 4.5]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AdaptiveAvgPool<const H: usize, const W: usize>;

impl<const H: usize, const W: usize> AdaptiveAvgPool<H, W> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<const H: usize, const W: usize> Positive for AdaptiveAvgPool<H, W>
where
    Sizes: Dim<H> + Dim<W>,
    N<H>: Verdict,
    N<W>: Verdict,
    <N<H> as Verdict>::Is: AtLeastOne<Self>,
    <N<W> as Verdict>::Is: AtLeastOne<Self>,
{
}

/// A grid that divides into `H` × `W` equal windows.
#[diagnostic::on_unimplemented(
    message = "adaptive_avgpool takes an image or, with one number, a sequence, but {Self} arrives with {H} and {W}",
    label = "gets {Self}",
    note = "write it before `flatten`; a sequence has one direction, and so takes one number"
)]
pub trait Divided<const H: usize, const W: usize>: Grid {
    /// The windows as positions, with the same channels.
    type Output: Shape;
    /// The window.
    const WINDOW: Window2d;
}

impl<const C: usize, const ROWS: usize, const COLUMNS: usize, const H: usize, const W: usize> Divided<H, W>
    for Image<C, ROWS, COLUMNS>
where
    Self: Grid,
    Image<C, H, W>: Shape,
    Sizes: DividesInto<ROWS, H> + DividesInto<COLUMNS, W>,
{
    type Output = Image<C, H, W>;
    const WINDOW: Window2d = Window2d::tiles(C, [ROWS, COLUMNS], [ROWS / H, COLUMNS / W]);
}

impl<const C: usize, const LENGTH: usize, const L: usize> Divided<L, L> for Sequence<C, LENGTH>
where
    Self: Grid,
    Sequence<C, L>: Shape,
    Sizes: DividesInto<LENGTH, L>,
{
    type Output = Sequence<C, L>;
    const WINDOW: Window2d = Window2d::tiles(C, [1, LENGTH], [1, LENGTH / L]);
}

/// `Sizes: DividesInto<SIZE, PARTS>` holds if `PARTS` divides `SIZE`; dividing by 0 is another rule's mistake.
pub trait DividesInto<const SIZE: usize, const PARTS: usize> {}

impl<const SIZE: usize, const PARTS: usize> DividesInto<SIZE, PARTS> for Sizes
where
    Self: Dim<SIZE> + Dim<PARTS>,
    N<PARTS>: Max<U1>,
    N<SIZE>: core::ops::Rem<Step<PARTS>>,
    Mod<N<SIZE>, Step<PARTS>>: IsEqual<U0>,
    Eq<Mod<N<SIZE>, Step<PARTS>>, U0>: Verdict,
    <Eq<Mod<N<SIZE>, Step<PARTS>>, U0> as Verdict>::Is: Parts<SIZE, PARTS>,
{
}

impl<I: Divided<H, W>, const H: usize, const W: usize> Layer<I> for AdaptiveAvgPool<H, W>
where
    Self: Positive,
{
    type Output = I::Output;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let window: &Window2d = const { &I::WINDOW };
        let scale = E::one() / E::from_f64(window.taps() as f64);
        for (x, y) in pass.x.chunks_exact(I::LEN).zip(pass.y.chunks_exact_mut(I::Output::LEN)) {
            sum_pool2d(Level::best(), window, scale, x, y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let window: &Window2d = const { &I::WINDOW };
        let scale = E::one() / E::from_f64(window.taps() as f64);
        for (dy, dx) in pass.dy.chunks_exact(I::Output::LEN).zip(dx.chunks_exact_mut(I::LEN)) {
            sum_pool2d_backward(Level::best(), window, scale, dy, dx);
        }
    }
}
