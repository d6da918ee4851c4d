//! Zeros around an image.

use core::ops::Range;

use crate::element::Element;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::grid::Grid;
use crate::shape::size::{Const, Plus, Sizes};
use crate::shape::{Image, MakeImage, MakeSequence, Sequence, Shape};

/// `T` rows of zeros above, `L` columns to the left, `B` rows below, `R` columns to the right: y(c, i, j) = x(c, i − T, j − L), and
/// 0 where there is no such pixel.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, T + H + B, L + W + R>`; for `ZeroPad<L, L, R, R>` also `Sequence<C, N>` →
/// `Sequence<C, L + N + R>`
///
/// PyTorch: `nn.ZeroPad2d((L, R, T, B))`, `nn.ZeroPad1d((L, R))`.
///
/// # Examples
///
/// ```
/// use shapewright::ZeroPad;
/// use shapewright::prelude::*;
///
/// let model = Model::new(ZeroPad::<1, 0, 0, 2>::new().on::<Image<1, 1, 2>>(), 0);
/// let y = model.forward(&Batch::from([[[[3.0, 5.0]]]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 0.0, 0.0, 3.0, 5.0, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ZeroPad<const T: usize, const L: usize, const B: usize, const R: usize>;

impl<const T: usize, const L: usize, const B: usize, const R: usize> ZeroPad<T, L, B, R> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

/// A grid that, with so many zeros around it, is in the dimension table.
#[diagnostic::on_unimplemented(
    message = "zero_pad takes an image or, with two numbers, a sequence, but {Self} arrives with {T}, {L}, {B} and {R}",
    label = "gets {Self}",
    note = "write it before `flatten`; for a sequence, each of two numbers twice"
)]
pub trait Padded<const T: usize, const L: usize, const B: usize, const R: usize>: Grid {
    /// The grid with the zeros.
    type Output: Shape;
    /// The rows and the columns of the output that are the input.
    const INSIDE: [Range<usize>; 2];
    /// The columns of the output.
    const WIDTH: usize;
}

impl<
    const C: usize,
    const H: usize,
    const W: usize,
    const T: usize,
    const L: usize,
    const B: usize,
    const R: usize,
    const ABOVE: usize,
    const BEFORE: usize,
    Rows,
    Columns,
> Padded<T, L, B, R> for Image<C, H, W>
where
    Self: Grid,
    Sizes: Plus<T, H, Sum = Const<ABOVE>> + Plus<ABOVE, B, Sum = Rows>,
    Sizes: Plus<L, W, Sum = Const<BEFORE>> + Plus<BEFORE, R, Sum = Columns>,
    (Rows, Columns): MakeImage<C>,
{
    type Output = <(Rows, Columns) as MakeImage<C>>::Image;
    const INSIDE: [Range<usize>; 2] = [T..T + H, L..L + W];
    const WIDTH: usize = L + W + R;
}

impl<const C: usize, const N: usize, const L: usize, const R: usize, const BEFORE: usize, Length> Padded<L, L, R, R>
    for Sequence<C, N>
where
    Self: Grid,
    Sizes: Plus<L, N, Sum = Const<BEFORE>> + Plus<BEFORE, R, Sum = Length>,
    Length: MakeSequence<C>,
{
    type Output = Length::Sequence;
    const INSIDE: [Range<usize>; 2] = [0..1, L..L + N];
    const WIDTH: usize = L + N + R;
}

impl<I: Padded<T, L, B, R>, const T: usize, const L: usize, const B: usize, const R: usize> Layer<I>
    for ZeroPad<T, L, B, R>
{
    type Output = I::Output;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let [rows, columns] = I::INSIDE;
        let outputs = pass.y.chunks_exact_mut(I::Output::LEN / I::CHANNELS);
        for (x, y) in pass.x.chunks_exact(I::POSITIONS).zip(outputs) {
            let (above, y) = y.split_at_mut(rows.start * I::WIDTH);
            let (inside, below) = y.split_at_mut(rows.len() * I::WIDTH);
            above.fill(E::zero());
            for (x, y) in x.chunks_exact(columns.len()).zip(inside.chunks_exact_mut(I::WIDTH)) {
                y[..columns.start].fill(E::zero());
                y[columns.clone()].copy_from_slice(x);
                y[columns.end..].fill(E::zero());
            }
            below.fill(E::zero());
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let [rows, columns] = I::INSIDE;
        let outputs = pass.dy.chunks_exact(I::Output::LEN / I::CHANNELS);
        for (dx, dy) in dx.chunks_exact_mut(I::POSITIONS).zip(outputs) {
            let inside = dy[rows.start * I::WIDTH..].chunks_exact(I::WIDTH);
            for (dx, dy) in dx.chunks_exact_mut(columns.len()).zip(inside) {
                dx.copy_from_slice(&dy[columns.clone()]);
            }
        }
    }
}
