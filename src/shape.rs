//! Shapes of one sample, as types.
//!
//! A shape is a zero-sized type with its sizes as const generics, so that rustc prints plain numbers: `Image<3, 32,
//! 32>`. The batch size is not part of a shape: last batches are short.
//!
//! Arithmetic on sizes (windows, products) is done by the type checker through typenum and comes back as plain
//! numbers; see [`window`] for the formula and [`rules`] for what rustc says when a joint is wrong.

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Add, Mul};

use generic_array::ArrayLength;
use typenum::{Eq, IsEqual, NonZero, Prod, Sum};

mod channelled;
pub mod exact;
pub mod grid;
pub mod rules;
pub mod size;
pub mod transposed;
pub mod window;

use rules::{Features, Gives, Spatial, Verdict};
use size::{Dim, N, Named, Plus, Sizes};

pub use channelled::{Channelled, Divisible, Grouped};
pub use size::Const;

/// The shape of one sample.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to be a shape: each of its sizes must be one of 1 to 4096",
    label = "a size that is not, or may not be, one of 1 to 4096",
    note = "where a size is a const parameter, which may be any number, say that this is a shape: `where {Self}: shapewright::Shape`; if its other sizes are not those that you expect, a padding or a stride before it is wrong; rows and columns over which a window moves have to be numbers",
    note = "shapes are `Image<C, H, W>`, `Sequence<C, L>`, `Vector<N>` and `Flat<S>`; only single sizes are limited, the length of an image may be larger"
)]
pub trait Shape: Copy + Default + fmt::Debug + Send + Sync + 'static {
    /// The number of values as a type-level number, for arrays.
    type Length: ArrayLength;
    /// The number of values.
    const LEN: usize;
    /// The sizes, outermost first.
    const DIMS: &'static [usize];
}

/// What is known to be a shape.
///
/// A calculated shape is handed on as [`Known::Shape`], which is nothing where it is none: it is reported once, and what is calculated
/// from it is silent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to be a shape: each of its sizes must be one of 1 to 4096",
    label = "a size that is not, or may not be, one of 1 to 4096",
    note = "where a size is a const parameter, which may be any number, say that this is a shape: `where {Self}: shapewright::Shape`; if its other sizes are not those that you expect, a padding or a stride before it is wrong; rows and columns over which a window moves have to be numbers",
    note = "shapes are `Image<C, H, W>`, `Sequence<C, L>`, `Vector<N>` and `Flat<S>`; only single sizes are limited, the length of an image may be larger"
)]
pub trait Known {
    /// The shape itself.
    type Shape: Shape;
}

#[diagnostic::do_not_recommend]
impl<S: Shape> Known for S {
    type Shape = S;
}

/// Never holds. Had rustc no choice between two impls, it would take the only one and look at its bounds later.
#[diagnostic::do_not_recommend]
impl<S> Known for S
where
    for<'a> (): Never,
{
    type Shape = Vector<1>;
}

/// Holds for nothing.
trait Never {}

/// Feature maps: `C` channels of `H` rows and `W` columns, channel by channel, row by row.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Image<const C: usize, const H: usize, const W: usize>;

#[diagnostic::do_not_recommend]
impl<const C: usize, const H: usize, const W: usize> Shape for Image<C, H, W>
where
    Sizes: Dim<C> + Dim<H> + Dim<W>,
    N<C>: NonZero,
    N<H>: NonZero,
    N<W>: NonZero,
    N<C>: Mul<N<H>>,
    Prod<N<C>, N<H>>: Mul<N<W>>,
    Prod<Prod<N<C>, N<H>>, N<W>>: ArrayLength,
{
    type Length = Prod<Prod<N<C>, N<H>>, N<W>>;
    const LEN: usize = C * H * W;
    const DIMS: &'static [usize] = &[C, H, W];
}

impl<const C: usize, const H: usize, const W: usize> Spatial for Image<C, H, W>
where
    Self: Shape,
{
    type Flattened = Flat<Self>;
}

impl<const C: usize, const H: usize, const W: usize> fmt::Debug for Image<C, H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image<{C}, {H}, {W}>")
    }
}

/// A signal: `C` channels of `L` steps, channel by channel.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Sequence<const C: usize, const L: usize>;

#[diagnostic::do_not_recommend]
impl<const C: usize, const L: usize> Shape for Sequence<C, L>
where
    Sizes: Dim<C> + Dim<L>,
    N<C>: NonZero,
    N<L>: NonZero,
    N<C>: Mul<N<L>>,
    Prod<N<C>, N<L>>: ArrayLength,
{
    type Length = Prod<N<C>, N<L>>;
    const LEN: usize = C * L;
    const DIMS: &'static [usize] = &[C, L];
}

impl<const C: usize, const L: usize> Spatial for Sequence<C, L>
where
    Self: Shape,
{
    type Flattened = Flat<Self>;
}

impl<const C: usize, const L: usize> fmt::Debug for Sequence<C, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequence<{C}, {L}>")
    }
}

/// `SIZE` features.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Vector<const SIZE: usize>;

#[diagnostic::do_not_recommend]
impl<const SIZE: usize> Shape for Vector<SIZE>
where
    Sizes: Dim<SIZE>,
    N<SIZE>: NonZero + ArrayLength,
{
    type Length = N<SIZE>;
    const LEN: usize = SIZE;
    const DIMS: &'static [usize] = &[SIZE];
}

impl<const SIZE: usize> Features for Vector<SIZE>
where
    Self: Shape,
{
    type Then<S: Shape> = S;
}

impl<const SIZE: usize> fmt::Debug for Vector<SIZE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vector<{SIZE}>")
    }
}

/// The values of `S` as features: as long as `S`, accepted wherever features are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Flat<S>(PhantomData<S>);

impl<S: Spatial> Shape for Flat<S> {
    type Length = S::Length;
    const LEN: usize = S::LEN;
    const DIMS: &'static [usize] = &[S::LEN];
}

impl<S: Spatial> Features for Flat<S> {
    type Then<O: Shape> = O;
}

impl<S: Shape> fmt::Debug for Flat<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flat<{:?}>", S::default())
    }
}

impl<const C: usize, const H: usize, const W: usize> Gives<Image<C, H, W>> for Image<C, H, W> {}
impl<const C: usize, const L: usize> Gives<Sequence<C, L>> for Sequence<C, L> {}
impl<const SIZE: usize> Gives<Vector<SIZE>> for Vector<SIZE> {}
impl<S> Gives<Flat<S>> for Flat<S> {}
impl<S: Spatial, const SIZE: usize> Gives<Vector<SIZE>> for Flat<S>
where
    Vector<SIZE>: Shape,
    S::Length: IsEqual<<Vector<SIZE> as Shape>::Length>,
    Eq<S::Length, <Vector<SIZE> as Shape>::Length>: Verdict,
    <Eq<S::Length, <Vector<SIZE> as Shape>::Length> as Verdict>::Is: rules::Counts<Self, SIZE>,
{
}

/// Shapes that can be put behind each other, channel by channel.
#[diagnostic::on_unimplemented(
    message = "`concat` joins branches that agree in all but their channels, but one gives {Self} and the other {Other}",
    label = "{Self} beside {Other}",
    note = "give both the same rows and columns; `flatten` both to join features"
)]
pub trait Beside<Other>: Shape {
    /// Both together.
    type Both: Shape;
}

impl<const A: usize, const B: usize, const H: usize, const W: usize> Beside<Image<B, H, W>> for Image<A, H, W>
where
    Self: Shape,
    Sizes: Plus<A, B>,
    <Sizes as Plus<A, B>>::Sum: WithPositions<H, W>,
{
    type Both = <<Sizes as Plus<A, B>>::Sum as WithPositions<H, W>>::Image;
}

impl<const A: usize, const B: usize, const L: usize> Beside<Sequence<B, L>> for Sequence<A, L>
where
    Self: Shape,
    Sizes: Plus<A, B>,
    <Sizes as Plus<A, B>>::Sum: WithPositions<L, 1>,
{
    type Both = <<Sizes as Plus<A, B>>::Sum as WithPositions<L, 1>>::Sequence;
}

/// Features behind features, one impl for each pair of types: an impl for all features would be tried on images, too, and
/// rustc would say that they are not flat.
macro_rules! features_beside {
    ($([$($parameters:tt)*] $a:ty, $b:ty;)*) => { $(
        impl<$($parameters)*> Beside<$b> for $a
        where
            Self: Shape,
            $b: Shape,
            <Self as Shape>::Length: Add<<$b as Shape>::Length>,
            Sum<<Self as Shape>::Length, <$b as Shape>::Length>: Named,
            <Sum<<Self as Shape>::Length, <$b as Shape>::Length> as Named>::Dim: WithPositions<1, 1>,
        {
            type Both =
                <<Sum<<Self as Shape>::Length, <$b as Shape>::Length> as Named>::Dim as WithPositions<1, 1>>::Vector;
        }
    )* };
}

features_beside! {
    [const A: usize, const B: usize] Vector<A>, Vector<B>;
    [const A: usize, B: Spatial] Vector<A>, Flat<B>;
    [A: Spatial, const B: usize] Flat<A>, Vector<B>;
    [A: Spatial, B: Spatial] Flat<A>, Flat<B>;
}

/// Puts calculated channels back into an image of `H` rows and `W` columns, a sequence of `H` steps, or features.
#[doc(hidden)]
pub trait WithPositions<const H: usize, const W: usize> {
    type Image: Shape;
    type Sequence: Shape;
    type Vector: Shape;
}

impl<const C: usize, const H: usize, const W: usize> WithPositions<H, W> for Const<C>
where
    Image<C, H, W>: Known,
    Sequence<C, H>: Known,
    Vector<C>: Known,
{
    type Image = <Image<C, H, W> as Known>::Shape;
    type Sequence = <Sequence<C, H> as Known>::Shape;
    type Vector = <Vector<C> as Known>::Shape;
}

/// Puts calculated rows and columns back into an image of `C` channels.
#[doc(hidden)]
pub trait MakeImage<const C: usize> {
    type Image: Shape;
}

impl<const C: usize, const H: usize, const W: usize> MakeImage<C> for (Const<H>, Const<W>)
where
    Image<C, H, W>: Known,
{
    type Image = <Image<C, H, W> as Known>::Shape;
}

/// Puts a calculated length back into a sequence of `C` channels.
#[doc(hidden)]
pub trait MakeSequence<const C: usize> {
    type Sequence: Shape;
}

impl<const C: usize, const L: usize> MakeSequence<C> for Const<L>
where
    Sequence<C, L>: Known,
{
    type Sequence = <Sequence<C, L> as Known>::Shape;
}
