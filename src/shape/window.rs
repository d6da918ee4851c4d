//! Window arithmetic on types: (H + 2P − D(K−1) − 1)/S + 1 along one axis, rounded down or up.
//!
//! The arithmetic is total: a window that does not fit passes the size through, a stride of 0 counts as 1, a result
//! beyond the table as its last size. So a wrong joint breaks exactly one of the [`rules`](super::rules), and rustc has
//! one thing to report.

use core::ops::{Add, Div, Mul, Rem, Sub};

use typenum::{
    B0, B1, Diff, Eq, GrEq, IsEqual, IsGreaterOrEqual, IsLessOrEqual, LeEq, Max, Maximum, Min, Minimum, Mod, Prod,
    Quot, Sum, U0, U1, U2,
};

use super::rules::{Alike, AtLeastOne, AtMostHalf, Divides, Fits, Kept, Tabled, Verdict};
use super::size::{Const, Dim, Limit, N, Named, Size, Sizes};
use crate::kernels::window::Window2d;

/// The size of a kernel, in rows and columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kernel<const H: usize, const W: usize>;

/// How far a window moves, in rows and columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stride<const H: usize, const W: usize>;

/// How far apart the taps of a window are, in rows and columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dilation<const H: usize, const W: usize>;

/// Padding of `H` rows above and below, and of `W` columns left and right.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pad<const H: usize, const W: usize>;

/// Padding of `T` rows above, `L` columns to the left, `B` rows below and `R` columns to the right.
#[derive(Clone, Copy, Debug, Default)]
pub struct PadSides<const T: usize, const L: usize, const B: usize, const R: usize>;

/// Padding such that the output has ⌈size / stride⌉ rows and columns; an odd rest goes below and right, as in
/// TensorFlow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Same;

/// A last window that would leave the padded input is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Floor;

/// A last window may leave the padded input, if it starts inside the input or the padding before it: `PyTorch`'s
/// `ceil_mode`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ceil;

/// Sizes that are all at least 1: those of a kernel, a stride, a dilation, or groups.
pub trait Positive {}

impl<const G: usize> Positive for Groups<G>
where
    Sizes: Dim<G>,
    N<G>: Verdict,
    <N<G> as Verdict>::Is: AtLeastOne<Self>,
{
}

macro_rules! positive_pairs {
    ($($name:ident)*) => { $(
        impl<const H: usize, const W: usize> Positive for $name<H, W>
        where
            Sizes: Dim<H> + Dim<W>,
            N<H>: Verdict,
            N<W>: Verdict,
            <N<H> as Verdict>::Is: AtLeastOne<Self>,
            <N<W> as Verdict>::Is: AtLeastOne<Self>,
        {
        }
    )* };
}

positive_pairs!(Kernel Stride Dilation);

/// A way to pad the two axes of an image.
pub trait Padding: Copy + Default + Send + Sync + 'static {
    /// The padding of the rows.
    type Rows;
    /// The padding of the columns.
    type Columns;
}

impl<const H: usize, const W: usize> Padding for Pad<H, W> {
    type Rows = Ends<H, H>;
    type Columns = Ends<W, W>;
}

impl<const T: usize, const L: usize, const B: usize, const R: usize> Padding for PadSides<T, L, B, R> {
    type Rows = Ends<T, B>;
    type Columns = Ends<L, R>;
}

impl Padding for Same {
    type Rows = Self;
    type Columns = Self;
}

/// Padding on the two ends of an axis.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends<const BEFORE: usize, const AFTER: usize>;

/// A window of `K` taps, `D` apart, that moves by `S` over `H` and the padding that the implementor stands for; the
/// number of its positions is rounded by `R`.
pub trait Slide<const H: usize, const K: usize, const S: usize, const D: usize, R = Floor> {
    /// The output size, as a [`Const`].
    type Output: Size;
    /// The padding before the first element.
    const BEFORE: usize;
    /// The padding behind the last element.
    const AFTER: usize;
}

/// Padding with which a window of `K` taps, `D` apart, that moves by `S`, fits into `H` and gives a size in the table.
pub trait Admits<const H: usize, const K: usize, const S: usize, const D: usize, R = Floor> {}

/// Padding that is alike on both ends and at most half of a window of `K` taps, `D` apart.
pub trait PoolEnds<const K: usize, const D: usize> {}

/// Padding of at most half of a window, in rows and in columns.
pub trait PoolPadding<K, D> {}

/// A window over both axes of an image of `H` × `W`.
pub trait Window<const H: usize, const W: usize, K, S, D, R = Floor> {
    /// The output rows and columns, as a pair of [`Const`]s.
    type Output;
    /// The sizes of the window, for one channel.
    const WINDOW: Window2d;
    /// The padding below and to the right.
    const AFTER: [usize; 2];
}

impl<
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const DH: usize,
    const DW: usize,
    P: Padding,
    R,
> Window<H, W, Kernel<KH, KW>, Stride<SH, SW>, Dilation<DH, DW>, R> for P
where
    Kernel<KH, KW>: Positive,
    Stride<SH, SW>: Positive,
    Dilation<DH, DW>: Positive,
    P::Rows: Slide<H, KH, SH, DH, R> + Admits<H, KH, SH, DH, R>,
    P::Columns: Slide<W, KW, SW, DW, R> + Admits<W, KW, SW, DW, R>,
{
    type Output = (<P::Rows as Slide<H, KH, SH, DH, R>>::Output, <P::Columns as Slide<W, KW, SW, DW, R>>::Output);

    const WINDOW: Window2d = Window2d {
        channels: 1,
        input: [H, W],
        kernel: [KH, KW],
        stride: [SH, SW],
        padding: [P::Rows::BEFORE, P::Columns::BEFORE],
        dilation: [DH, DW],
        output: [
            <P::Rows as Slide<H, KH, SH, DH, R>>::Output::SIZE,
            <P::Columns as Slide<W, KW, SW, DW, R>>::Output::SIZE,
        ],
    };
    const AFTER: [usize; 2] = [P::Rows::AFTER, P::Columns::AFTER];
}

/// S, but at least 1: division stays total.
pub(crate) type Step<const S: usize> = Maximum<N<S>, U1>;
/// D·K + 1: with D on the other side, the extent of the window without a subtraction.
type Reach<const K: usize, const D: usize> = Sum<Prod<N<D>, N<K>>, U1>;
/// B + H + A + D, and what rounding up adds.
type Room<const H: usize, const B: usize, const A: usize, const S: usize, const D: usize, R> =
    <R as Rounds<Sum<Sum<Sum<N<B>, N<H>>, N<A>>, N<D>>, Step<S>>>::Room;

/// The arithmetic of a window over `H` with padding of `B` before it and of `A` behind it.
pub trait Slid<const H: usize, const B: usize, const A: usize, const K: usize, const S: usize, const D: usize, R> {
    /// The number of positions.
    type Output: Size;
    /// Whether it fits.
    type Enough;
    /// Whether its output is in the table.
    type InTable;
}

impl<const H: usize, const B: usize, const A: usize, const K: usize, const S: usize, const D: usize, R>
    Slid<H, B, A, K, S, D, R> for Sizes
where
    Self: Dim<H> + Dim<B> + Dim<A> + Dim<K> + Dim<S> + Dim<D>,
    N<B>: Add<N<H>>,
    Sum<N<B>, N<H>>: Add<N<A>>,
    Sum<Sum<N<B>, N<H>>, N<A>>: Add<N<D>>,
    N<D>: Mul<N<K>>,
    Prod<N<D>, N<K>>: Add<U1>,
    N<S>: Max<U1>,
    R: Rounds<Sum<Sum<Sum<N<B>, N<H>>, N<A>>, N<D>>, Step<S>>,
    Room<H, B, A, S, D, R>: IsGreaterOrEqual<Reach<K, D>>,
    GrEq<Room<H, B, A, S, D, R>, Reach<K, D>>:
        Verdict + Steps<Room<H, B, A, S, D, R>, Reach<K, D>, Step<S>, Sum<N<B>, N<H>>, R, Const<H>>,
{
    type Output = <GrEq<Room<H, B, A, S, D, R>, Reach<K, D>> as Steps<
        Room<H, B, A, S, D, R>,
        Reach<K, D>,
        Step<S>,
        Sum<N<B>, N<H>>,
        R,
        Const<H>,
    >>::Output;
    type Enough = <GrEq<Room<H, B, A, S, D, R>, Reach<K, D>> as Verdict>::Is;
    type InTable = <GrEq<Room<H, B, A, S, D, R>, Reach<K, D>> as Steps<
        Room<H, B, A, S, D, R>,
        Reach<K, D>,
        Step<S>,
        Sum<N<B>, N<H>>,
        R,
        Const<H>,
    >>::InTable;
}

impl<const H: usize, const K: usize, const S: usize, const D: usize, const B: usize, const A: usize, R>
    Slide<H, K, S, D, R> for Ends<B, A>
where
    Sizes: Slid<H, B, A, K, S, D, R>,
{
    type Output = <Sizes as Slid<H, B, A, K, S, D, R>>::Output;
    const BEFORE: usize = B;
    const AFTER: usize = A;
}

impl<const H: usize, const K: usize, const S: usize, const D: usize, const B: usize, const A: usize, R>
    Admits<H, K, S, D, R> for Ends<B, A>
where
    Sizes: Slid<H, B, A, K, S, D, R>,
    <Sizes as Slid<H, B, A, K, S, D, R>>::Enough: Fits<H, B, A, K, D>,
    <Sizes as Slid<H, B, A, K, S, D, R>>::InTable: Tabled<H, B, A, K, S, D>,
{
}

impl<P: Padding, const KH: usize, const KW: usize, const DH: usize, const DW: usize>
    PoolPadding<Kernel<KH, KW>, Dilation<DH, DW>> for P
where
    P::Rows: PoolEnds<KH, DH>,
    P::Columns: PoolEnds<KW, DW>,
{
}

impl<const K: usize, const D: usize, const P: usize, const A: usize> PoolEnds<K, D> for Ends<P, A>
where
    (): Alike<P, A>,
    Sizes: Dim<K> + Dim<D> + Dim<P>,
    U2: Mul<N<P>>,
    Prod<U2, N<P>>: Add<N<D>>,
    N<D>: Mul<N<K>>,
    Prod<N<D>, N<K>>: Add<U1>,
    Reach<K, D>: IsGreaterOrEqual<Sum<Prod<U2, N<P>>, N<D>>>,
    GrEq<Reach<K, D>, Sum<Prod<U2, N<P>>, N<D>>>: Verdict,
    <GrEq<Reach<K, D>, Sum<Prod<U2, N<P>>, N<D>>> as Verdict>::Is: AtMostHalf<P, K, D>,
{
}

impl<const K: usize, const D: usize> PoolEnds<K, D> for Same {}

impl<const H: usize, const K: usize, const S: usize, const D: usize, R> Slide<H, K, S, D, R> for Same
where
    Sizes: Dim<H> + Dim<S>,
    N<S>: Max<U1>,
    N<H>: Add<Step<S>>,
    Sum<N<H>, Step<S>>: Sub<U1>,
    Diff<Sum<N<H>, Step<S>>, U1>: Div<Step<S>>,
    Quot<Diff<Sum<N<H>, Step<S>>, U1>, Step<S>>: Named,
{
    type Output = <Quot<Diff<Sum<N<H>, Step<S>>, U1>, Step<S>> as Named>::Dim;
    const BEFORE: usize = around(H, K, S, D) / 2;
    const AFTER: usize = around(H, K, S, D).div_ceil(2);
}

/// The padding on both ends with which ⌈size / stride⌉ windows fit.
const fn around(size: usize, kernel: usize, stride: usize, dilation: usize) -> usize {
    ((size.div_ceil(stride) - 1) * stride + dilation * (kernel - 1) + 1).saturating_sub(size)
}

impl<const H: usize, const K: usize, const S: usize, const D: usize, R> Admits<H, K, S, D, R> for Same {}

/// The number of groups of a convolution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Groups<const G: usize>;

/// A number of groups that divides `C` channels.
pub trait Grouping<const C: usize> {
    /// The number of groups.
    const GROUPS: usize;
}

impl<const G: usize, const C: usize> Grouping<C> for Groups<G>
where
    Self: Positive,
    Sizes: Dim<G> + Dim<C>,
    N<G>: Max<U1>,
    N<C>: Rem<Step<G>>,
    Mod<N<C>, Step<G>>: IsEqual<U0>,
    Eq<Mod<N<C>, Step<G>>, U0>: Verdict,
    <Eq<Mod<N<C>, Step<G>>, U0> as Verdict>::Is: Divides<G, C>,
{
    const GROUPS: usize = G;
}

/// All channels in one: a convolution without groups.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoGroups;

impl<const C: usize> Grouping<C> for NoGroups {
    const GROUPS: usize = 1;
}

/// How a number of positions is rounded: [`Floor`] or [`Ceil`].
#[doc(hidden)]
pub trait Rounds<Room, Step> {
    /// The room in which the last window must fit.
    type Room;
}

impl<Room, Step> Rounds<Room, Step> for Floor {
    type Room = Room;
}

impl<Room: Add<Step>, Step> Rounds<Room, Step> for Ceil
where
    Sum<Room, Step>: Sub<U1>,
{
    type Room = Diff<Sum<Room, Step>, U1>;
}

/// Positions of which those that start at `Start` or behind it do not count: only [`Ceil`] makes any.
#[doc(hidden)]
pub trait Starts<Positions, Step, Start> {
    type Inside;
}

impl<Positions, Step, Start> Starts<Positions, Step, Start> for Floor {
    type Inside = Positions;
}

impl<Positions, Step, Start: Add<Step>> Starts<Positions, Step, Start> for Ceil
where
    Sum<Start, Step>: Sub<U1>,
    Diff<Sum<Start, Step>, U1>: Div<Step>,
    Positions: Min<Quot<Diff<Sum<Start, Step>, U1>, Step>>,
{
    type Inside = Minimum<Positions, Quot<Diff<Sum<Start, Step>, U1>, Step>>;
}

/// (room − reach)/step + 1 where the window fits, `Otherwise` where it does not.
#[doc(hidden)]
pub trait Steps<Room, Reach, Step, Start, R, Otherwise> {
    type Output: Size;
    type InTable;
}

/// Positions of a window.
type Positions<Room, Reach, Step, Start, R> =
    <R as Starts<Sum<Quot<Diff<Room, Reach>, Step>, U1>, Step, Start>>::Inside;

impl<Room, Reach, Step, Start, R, Otherwise> Steps<Room, Reach, Step, Start, R, Otherwise> for B1
where
    Room: Sub<Reach>,
    Diff<Room, Reach>: Div<Step>,
    Quot<Diff<Room, Reach>, Step>: Add<U1>,
    R: Starts<Sum<Quot<Diff<Room, Reach>, Step>, U1>, Step, Start>,
    Positions<Room, Reach, Step, Start, R>: Min<Limit> + IsLessOrEqual<Limit>,
    Minimum<Positions<Room, Reach, Step, Start, R>, Limit>: Named,
    LeEq<Positions<Room, Reach, Step, Start, R>, Limit>: Verdict,
{
    type Output = <Minimum<Positions<Room, Reach, Step, Start, R>, Limit> as Named>::Dim;
    type InTable = <LeEq<Positions<Room, Reach, Step, Start, R>, Limit> as Verdict>::Is;
}

impl<Room, Reach, Step, Start, R, Otherwise: Size> Steps<Room, Reach, Step, Start, R, Otherwise> for B0 {
    type Output = Otherwise;
    type InTable = Kept;
}
