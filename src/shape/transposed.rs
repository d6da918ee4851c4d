//! The size that a transposed convolution gives: (N − 1)·S − 2P + D(K − 1) + OP + 1 along one axis.

use core::ops::{Add, Mul, Sub};

use typenum::{Diff, Gr, IsGreater, IsLess, Le, Max, Maximum, Prod, Sum, U1 as One};

use super::grid::OneDirection;
use super::rules::{LeavesAtLeastOne, LessThanStride, Verdict};
use super::size::{Dim, N, Named, Size, Sizes};
use super::window::{Dilation, Ends, Kernel, Padding, Positive, Stride};
use crate::kernels::window::Window2d;

/// Rows and columns that are added at the end of a transposed convolution's output, since a stride leaves several sizes to
/// choose from.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputPad<const H: usize, const W: usize>;

/// N·S + D·K + OP + 1, of which S + D and the padding are taken away.
type Grown<const SIZE: usize, const K: usize, const S: usize, const D: usize, const MORE: usize> =
    Sum<Sum<Prod<N<SIZE>, N<S>>, Prod<N<D>, N<K>>>, Sum<N<MORE>, One>>;
type Taken<const S: usize, const D: usize, const B: usize, const A: usize> = Sum<Sum<N<S>, N<D>>, Sum<N<B>, N<A>>>;

/// Padding with which a transposed window over `SIZE` leaves something of its output; `MORE` is added at the end. The
/// arithmetic is total: where nothing would be left, 1 is given and a rule broken.
#[diagnostic::on_unimplemented(
    message = "conv_transpose takes numbers for its padding, not {Self}",
    label = "padded by {Self}",
    note = "write how much of the output is left out: `pad1`"
)]
pub trait Spread<const SIZE: usize, const K: usize, const S: usize, const D: usize, const MORE: usize> {
    /// The size of the output.
    type Output: Size;
    /// The padding before the first element.
    const BEFORE: usize;
}

impl<
    const SIZE: usize,
    const K: usize,
    const S: usize,
    const D: usize,
    const MORE: usize,
    const B: usize,
    const A: usize,
> Spread<SIZE, K, S, D, MORE> for Ends<B, A>
where
    Sizes: Dim<SIZE> + Dim<K> + Dim<S> + Dim<D> + Dim<MORE> + Dim<B> + Dim<A>,
    N<SIZE>: Mul<N<S>>,
    N<D>: Mul<N<K>>,
    Prod<N<SIZE>, N<S>>: Add<Prod<N<D>, N<K>>>,
    N<MORE>: Add<One>,
    Sum<Prod<N<SIZE>, N<S>>, Prod<N<D>, N<K>>>: Add<Sum<N<MORE>, One>>,
    N<S>: Add<N<D>>,
    N<B>: Add<N<A>>,
    Sum<N<S>, N<D>>: Add<Sum<N<B>, N<A>>>,
    Taken<S, D, B, A>: Add<One>,
    Grown<SIZE, K, S, D, MORE>: Max<Sum<Taken<S, D, B, A>, One>> + IsGreater<Taken<S, D, B, A>>,
    Gr<Grown<SIZE, K, S, D, MORE>, Taken<S, D, B, A>>: Verdict,
    <Gr<Grown<SIZE, K, S, D, MORE>, Taken<S, D, B, A>> as Verdict>::Is: LeavesAtLeastOne<SIZE, K, B, A>,
    N<S>: Max<N<D>>,
    N<MORE>: IsLess<Maximum<N<S>, N<D>>>,
    Le<N<MORE>, Maximum<N<S>, N<D>>>: Verdict,
    <Le<N<MORE>, Maximum<N<S>, N<D>>> as Verdict>::Is: LessThanStride<MORE, S, D>,
    Maximum<Grown<SIZE, K, S, D, MORE>, Sum<Taken<S, D, B, A>, One>>: Sub<Taken<S, D, B, A>>,
    Diff<Maximum<Grown<SIZE, K, S, D, MORE>, Sum<Taken<S, D, B, A>, One>>, Taken<S, D, B, A>>: Named,
{
    type Output =
        <Diff<Maximum<Grown<SIZE, K, S, D, MORE>, Sum<Taken<S, D, B, A>, One>>, Taken<S, D, B, A>> as Named>::Dim;
    const BEFORE: usize = B;
}

/// A transposed window over an image of `H` × `W`, with the output padding that the implementor stands for.
pub trait Transposed<const H: usize, const W: usize, K, S, P, D> {
    /// The rows and columns that it spreads over, as a pair of [`Const`](super::size::Const)s.
    type Output;
    /// The window that it transposes, which goes from its output to its input, for one channel.
    const WINDOW: Window2d;
}

impl<
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    P: Padding,
    const DH: usize,
    const DW: usize,
    const MORE_H: usize,
    const MORE_W: usize,
> Transposed<H, W, Kernel<KH, KW>, Stride<SH, SW>, P, Dilation<DH, DW>> for OutputPad<MORE_H, MORE_W>
where
    Kernel<KH, KW>: Positive,
    Stride<SH, SW>: Positive,
    Dilation<DH, DW>: Positive,
    P::Rows: Spread<H, KH, SH, DH, MORE_H>,
    P::Columns: Spread<W, KW, SW, DW, MORE_W>,
{
    type Output =
        (<P::Rows as Spread<H, KH, SH, DH, MORE_H>>::Output, <P::Columns as Spread<W, KW, SW, DW, MORE_W>>::Output);

    const WINDOW: Window2d = Window2d {
        channels: 1,
        input: [
            <P::Rows as Spread<H, KH, SH, DH, MORE_H>>::Output::SIZE,
            <P::Columns as Spread<W, KW, SW, DW, MORE_W>>::Output::SIZE,
        ],
        kernel: [KH, KW],
        stride: [SH, SW],
        padding: [P::Rows::BEFORE, P::Columns::BEFORE],
        dilation: [DH, DW],
        output: [H, W],
    };
}

/// A transposed window over a sequence of length `L`. It is written as one over images, of which both numbers are the same.
#[diagnostic::on_unimplemented(
    message = "a sequence has one direction, but this conv_transpose has two numbers in one of {K}, {S}, {Self}, {D}",
    label = "two numbers for one direction",
    note = "write one number: `k3`, `s2`, `output_pad1`, `dil2`"
)]
pub trait TransposedSpan<const L: usize, K, S, P, D> {
    /// The length that it spreads over, as a [`Const`](super::size::Const).
    type Output;
    /// The window that it transposes, which goes from its output to its input, for one channel of one row.
    const WINDOW: Window2d;
}

impl<const L: usize, const K: usize, const S: usize, P, const D: usize, const MORE: usize>
    TransposedSpan<L, Kernel<K, K>, Stride<S, S>, P, Dilation<D, D>> for OutputPad<MORE, MORE>
where
    Kernel<K, K>: Positive,
    Stride<S, S>: Positive,
    Dilation<D, D>: Positive,
    P: OneDirection,
    P::Ends: Spread<L, K, S, D, MORE>,
{
    type Output = <P::Ends as Spread<L, K, S, D, MORE>>::Output;

    const WINDOW: Window2d = Window2d {
        channels: 1,
        input: [1, <P::Ends as Spread<L, K, S, D, MORE>>::Output::SIZE],
        kernel: [1, K],
        stride: [1, S],
        padding: [0, P::Ends::BEFORE],
        dilation: [1, D],
        output: [1, L],
    };
}
