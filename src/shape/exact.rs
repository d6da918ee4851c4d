//! What [`Exact`](crate::Exact) asks of a window, on types.
//!
//! Along one axis, of which the window reads H elements, padded by P before and A behind:
//!
//! - between two of its (H + P + A − K)/S + 1 positions it skips S − K, and at the end it leaves what the stride does not reach. Neither may hold an
//!   element of the input;
//! - the positions of a max pool may not overlap: K ≤ S, unless there is one alone;
//! - P and A are less than the window, or it would see nothing but padding.
//!
//! What a dilated window skips between its taps is not counted here; `net!` counts it where it sees the sizes.

use core::ops::{Add, Div, Mul, Rem, Sub};

use typenum::{Diff, Eq, IsEqual, IsLessOrEqual, LeEq, Max, Maximum, Mod, Prod, Quot, Sum, U0, U1};

use super::grid::Grid;
use super::rules::{Apart, NotBlind, ReadsEverything, Verdict};
use super::size::{Const, Dim, Limit, N, Named, Sizes};
use super::window::{Ceil, Dilation, Ends, Floor, Kernel, Padding, Same, Step, Stride};
use super::{Image, Sequence};

/// Images and sequences of which a window reads everything, and never padding alone.
pub trait ReadBy<K, S, P, D, R = Floor>: Grid {}

/// Images and sequences on which the positions of a window do not overlap.
pub trait TiledBy<K, S, P, D>: Grid {}

/// Padding with which a window reads all of `H`, and never padding alone.
pub trait Covers<const H: usize, const K: usize, const S: usize, const D: usize, R> {}

/// Padding with which the positions of a window over `H` do not overlap.
pub trait Tiles<const H: usize, const K: usize, const S: usize, const D: usize> {}

macro_rules! on_grids {
    ($rule:ident, $axis:ident $(, $rounding:ident)?) => {
        impl<
            const C: usize, const H: usize, const W: usize, const KH: usize, const KW: usize, const SH: usize,
            const SW: usize, const DH: usize, const DW: usize, P $(, $rounding)?
        > $rule<Kernel<KH, KW>, Stride<SH, SW>, P, Dilation<DH, DW> $(, $rounding)?> for Image<C, H, W>
        where
            Self: Grid,
            P: Padding,
            P::Rows: $axis<H, KH, SH, DH $(, $rounding)?>,
            P::Columns: $axis<W, KW, SW, DW $(, $rounding)?>,
        {
        }

        impl<const C: usize, const L: usize, const K: usize, const S: usize, const D: usize, P $(, $rounding)?>
            $rule<Kernel<K, K>, Stride<S, S>, P, Dilation<D, D> $(, $rounding)?> for Sequence<C, L>
        where
            Self: Grid,
            P: Padding,
            P::Columns: $axis<L, K, S, D $(, $rounding)?>,
        {
        }
    };
}

on_grids!(ReadBy, Covers, R);
on_grids!(TiledBy, Tiles);

/// D, but at least 1.
type Apartness<const D: usize> = Maximum<N<D>, U1>;
/// D·K + 1: with D on the other side, the extent of the window without a subtraction.
type Reach<const K: usize, const D: usize> = Sum<Prod<N<D>, N<K>>, U1>;
/// H + P + A + D
type Room<const H: usize, const P: usize, const A: usize, const D: usize> = Sum<Sum<Sum<N<H>, N<P>>, N<A>>, N<D>>;
/// How far the window can move.
type Way<const H: usize, const K: usize, const D: usize, const P: usize, const A: usize> =
    Less<Room<H, P, A, D>, Reach<K, D>>;
/// a − b, but at least 0
type Less<A, B> = Diff<Maximum<A, B>, B>;
/// What a dilated window has besides: more than any other number.
type Beyond<const D: usize> = Prod<Diff<Apartness<D>, U1>, Limit>;
/// S − K, of a window without dilation.
type Gap<const K: usize, const S: usize, const D: usize> = Less<N<S>, Sum<N<K>, Beyond<D>>>;
/// K − S, of a window without dilation.
type Overlap<const K: usize, const S: usize, const D: usize> = Less<N<K>, Sum<N<S>, Beyond<D>>>;
/// All gaps together.
type Gaps<const H: usize, const K: usize, const S: usize, const D: usize, const P: usize, const A: usize> =
    Prod<Quot<Way<H, K, D, P, A>, Step<S>>, Gap<K, S, D>>;
/// What the stride does not reach.
type Rest<const H: usize, const K: usize, const S: usize, const D: usize, const P: usize, const A: usize> =
    Mod<Way<H, K, D, P, A>, Step<S>>;
/// What of it is not padding.
type Tail<const H: usize, const K: usize, const S: usize, const D: usize, const P: usize, const A: usize, R> =
    <R as Leaves<Less<Rest<H, K, S, D, P, A>, N<A>>>>::Left;
/// What is never read.
type Unread<const H: usize, const K: usize, const S: usize, const D: usize, const P: usize, const A: usize, R> =
    Sum<Gaps<H, K, S, D, P, A>, Tail<H, K, S, D, P, A, R>>;
/// What lies in two positions.
type Shared<const H: usize, const K: usize, const S: usize, const D: usize, const P: usize, const A: usize> =
    Prod<Quot<Way<H, K, D, P, A>, Step<S>>, Overlap<K, S, D>>;

/// What is left over at the end of an axis: none of it if positions are rounded up.
#[doc(hidden)]
pub trait Leaves<Rest> {
    type Left;
}

impl<Rest> Leaves<Rest> for Floor {
    type Left = Rest;
}

impl<Rest> Leaves<Rest> for Ceil {
    type Left = U0;
}

impl<
    const H: usize,
    const K: usize,
    const S: usize,
    const D: usize,
    const P: usize,
    const A: usize,
    const UNREAD: usize,
    R,
> Covers<H, K, S, D, R> for Ends<P, A>
where
    Sizes: Dim<H> + Dim<K> + Dim<S> + Dim<D> + Dim<P> + Dim<A>,
    N<D>: Mul<N<K>> + Max<U1>,
    Prod<N<D>, N<K>>: Add<U1>,
    N<H>: Add<N<P>>,
    Sum<N<H>, N<P>>: Add<N<A>>,
    Sum<Sum<N<H>, N<P>>, N<A>>: Add<N<D>>,
    Room<H, P, A, D>: Max<Reach<K, D>>,
    Maximum<Room<H, P, A, D>, Reach<K, D>>: Sub<Reach<K, D>>,
    N<S>: Max<U1> + Max<Sum<N<K>, Beyond<D>>>,
    Way<H, K, D, P, A>: Div<Step<S>> + Rem<Step<S>>,
    Apartness<D>: Sub<U1>,
    Diff<Apartness<D>, U1>: Mul<Limit>,
    N<K>: Add<Beyond<D>>,
    Maximum<N<S>, Sum<N<K>, Beyond<D>>>: Sub<Sum<N<K>, Beyond<D>>>,
    Quot<Way<H, K, D, P, A>, Step<S>>: Mul<Gap<K, S, D>>,
    Rest<H, K, S, D, P, A>: Max<N<A>>,
    Maximum<Rest<H, K, S, D, P, A>, N<A>>: Sub<N<A>>,
    R: Leaves<Less<Rest<H, K, S, D, P, A>, N<A>>>,
    Gaps<H, K, S, D, P, A>: Add<Tail<H, K, S, D, P, A, R>>,
    Unread<H, K, S, D, P, A, R>: Named<Dim = Const<UNREAD>> + IsEqual<U0>,
    Eq<Unread<H, K, S, D, P, A, R>, U0>: Verdict,
    <Eq<Unread<H, K, S, D, P, A, R>, U0> as Verdict>::Is: ReadsEverything<UNREAD, H, K, S>,
    N<P>: Max<N<A>>,
    Maximum<N<P>, N<A>>: Add<N<D>>,
    Sum<Maximum<N<P>, N<A>>, N<D>>: IsLessOrEqual<Prod<N<D>, N<K>>>,
    LeEq<Sum<Maximum<N<P>, N<A>>, N<D>>, Prod<N<D>, N<K>>>: Verdict,
    <LeEq<Sum<Maximum<N<P>, N<A>>, N<D>>, Prod<N<D>, N<K>>> as Verdict>::Is: NotBlind<P, A, K, D>,
{
}

/// It pads so that nothing is left over; gaps remain.
impl<const H: usize, const K: usize, const S: usize, const D: usize, R> Covers<H, K, S, D, R> for Same where
    Ends<0, 0>: Covers<H, K, S, D, Ceil>
{
}

impl<const H: usize, const K: usize, const S: usize, const D: usize, const P: usize, const A: usize> Tiles<H, K, S, D>
    for Ends<P, A>
where
    Sizes: Dim<H> + Dim<K> + Dim<S> + Dim<D> + Dim<P> + Dim<A>,
    N<D>: Mul<N<K>> + Max<U1>,
    Prod<N<D>, N<K>>: Add<U1>,
    N<H>: Add<N<P>>,
    Sum<N<H>, N<P>>: Add<N<A>>,
    Sum<Sum<N<H>, N<P>>, N<A>>: Add<N<D>>,
    Room<H, P, A, D>: Max<Reach<K, D>>,
    Maximum<Room<H, P, A, D>, Reach<K, D>>: Sub<Reach<K, D>>,
    N<S>: Max<U1> + Add<Beyond<D>>,
    Way<H, K, D, P, A>: Div<Step<S>>,
    Apartness<D>: Sub<U1>,
    Diff<Apartness<D>, U1>: Mul<Limit>,
    N<K>: Max<Sum<N<S>, Beyond<D>>>,
    Maximum<N<K>, Sum<N<S>, Beyond<D>>>: Sub<Sum<N<S>, Beyond<D>>>,
    Quot<Way<H, K, D, P, A>, Step<S>>: Mul<Overlap<K, S, D>>,
    Shared<H, K, S, D, P, A>: IsEqual<U0>,
    Eq<Shared<H, K, S, D, P, A>, U0>: Verdict,
    <Eq<Shared<H, K, S, D, P, A>, U0> as Verdict>::Is: Apart<K, S, H>,
{
}

#[cfg(test)]
mod tests {
    use core::marker::PhantomData;

    use super::{Const, Covers, Ends, Floor, Tiles};

    /// Whether the rules hold for a type, told by which constant is found.
    struct Probe<T>(PhantomData<T>);

    impl<const H: usize, const K: usize, const S: usize, const P: usize> Probe<(Const<H>, Const<K>, Const<S>, Const<P>)>
    where
        Ends<P, P>: Covers<H, K, S, 1, Floor>,
    {
        const COVERS: bool = true;
    }

    impl<const H: usize, const K: usize, const S: usize, const P: usize>
        Probe<[(Const<H>, Const<K>, Const<S>, Const<P>); 1]>
    where
        Ends<P, P>: Tiles<H, K, S, 1>,
    {
        const DIVIDES: bool = true;
    }

    trait OrNot {
        const COVERS: bool = false;
        const DIVIDES: bool = false;
    }

    impl<T> OrNot for Probe<T> {}

    /// Whether each position is read by a window, by one window at most, and each window sees a position.
    fn counted([size, kernel, stride, padding]: [usize; 4]) -> [bool; 2] {
        let windows = (size + 2 * padding - kernel) / stride + 1;
        let mut reads = vec![0; size];
        let mut sees = vec![false; windows];
        for (window, sees) in sees.iter_mut().enumerate() {
            for tap in 0..kernel {
                if let Some(times) = (window * stride + tap).checked_sub(padding).and_then(|at| reads.get_mut(at)) {
                    *times += 1;
                    *sees = true;
                }
            }
        }
        let covers = reads.iter().all(|times| *times > 0) && sees.iter().all(|sees| *sees);
        [covers, reads.iter().all(|times| *times < 2)]
    }

    #[test]
    fn rules_are_what_counting_gives() {
        let mut seen = [0; 4];
        macro_rules! sizes {
            ($($size:literal)*) => { $( kernels!($size, 1 2 3 4); )* };
        }
        macro_rules! kernels {
            ($size:literal, $($kernel:literal)*) => { $( strides!($size, $kernel, 1 2 3 5); )* };
        }
        macro_rules! strides {
            ($size:literal, $kernel:literal, $($stride:literal)*) => { $(
                check!($size, $kernel, $stride, 0);
                check!($size, $kernel, $stride, 1);
                check!($size, $kernel, $stride, 2);
            )* };
        }
        macro_rules! check {
            ($size:literal, $kernel:literal, $stride:literal, $padding:literal) => {
                if $size + 2 * $padding >= $kernel {
                    type Case = (Const<$size>, Const<$kernel>, Const<$stride>, Const<$padding>);
                    let case = [$size, $kernel, $stride, $padding];
                    let [covers, divides] = counted(case);
                    assert_eq!(Probe::<Case>::COVERS, covers, "{case:?}");
                    // where some position is in no window, overlaps are not asked about
                    if covers {
                        assert_eq!(Probe::<[Case; 1]>::DIVIDES, divides, "{case:?}");
                    }
                    seen[2 * usize::from(covers) + usize::from(divides)] += 1;
                }
            };
        }
        sizes!(1 2 3 4 5 6 7 8);
        assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
    }
}
