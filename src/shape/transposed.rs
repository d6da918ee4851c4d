//! The size that a transposed convolution gives: (N − 1)·S − 2P + D(K − 1) + OP + 1 along one axis.

use core::ops::{Add, Mul, Sub};

use typenum::{Diff, Gr, IsGreater, Max, Maximum, Prod, Sum, U1, U2};

use super::rules::{LeavesAtLeastOne, Verdict};
use super::size::{Dim, N, Named, Size, Sizes};

/// Rows and columns that are added at the end of a transposed convolution's output, since a stride leaves several sizes to
/// choose from.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputPad<const H: usize, const W: usize>;

/// N·S + D·K + OP + 1, of which S + D + 2P are taken away.
type Grown<const SIZE: usize, const K: usize, const S: usize, const D: usize, const MORE: usize> =
    Sum<Sum<Prod<N<SIZE>, N<S>>, Prod<N<D>, N<K>>>, Sum<N<MORE>, U1>>;
type Taken<const S: usize, const P: usize, const D: usize> = Sum<Sum<N<S>, N<D>>, Prod<U2, N<P>>>;

/// One axis of a transposed convolution. The arithmetic is total: where nothing would be left, 1 is given and a rule broken.
pub trait Spread<const SIZE: usize, const K: usize, const S: usize, const P: usize, const D: usize, const MORE: usize> {
    /// The size of the output.
    type Output: Size;
}

impl<const SIZE: usize, const K: usize, const S: usize, const P: usize, const D: usize, const MORE: usize>
    Spread<SIZE, K, S, P, D, MORE> for Sizes
where
    Self: Dim<SIZE> + Dim<K> + Dim<S> + Dim<P> + Dim<D> + Dim<MORE>,
    N<SIZE>: Mul<N<S>>,
    N<D>: Mul<N<K>>,
    Prod<N<SIZE>, N<S>>: Add<Prod<N<D>, N<K>>>,
    N<MORE>: Add<U1>,
    Sum<Prod<N<SIZE>, N<S>>, Prod<N<D>, N<K>>>: Add<Sum<N<MORE>, U1>>,
    N<S>: Add<N<D>>,
    U2: Mul<N<P>>,
    Sum<N<S>, N<D>>: Add<Prod<U2, N<P>>>,
    Taken<S, P, D>: Add<U1>,
    Grown<SIZE, K, S, D, MORE>: Max<Sum<Taken<S, P, D>, U1>> + IsGreater<Taken<S, P, D>>,
    Gr<Grown<SIZE, K, S, D, MORE>, Taken<S, P, D>>: Verdict,
    <Gr<Grown<SIZE, K, S, D, MORE>, Taken<S, P, D>> as Verdict>::Is: LeavesAtLeastOne<SIZE, K, P>,
    Maximum<Grown<SIZE, K, S, D, MORE>, Sum<Taken<S, P, D>, U1>>: Sub<Taken<S, P, D>>,
    Diff<Maximum<Grown<SIZE, K, S, D, MORE>, Sum<Taken<S, P, D>, U1>>, Taken<S, P, D>>: Named,
{
    type Output = <Diff<Maximum<Grown<SIZE, K, S, D, MORE>, Sum<Taken<S, P, D>, U1>>, Taken<S, P, D>> as Named>::Dim;
}
