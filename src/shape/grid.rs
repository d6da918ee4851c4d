//! Images and sequences alike: positions on a grid. A sequence is a grid of one row.

use super::rules::Spatial;
use super::size::Size;
use super::window::{Admits, Dilation, Ends, Floor, Kernel, Pad, PadSides, Positive, Same, Slide, Stride, Window};
use super::{Channelled, Image, MakeImage, MakeSequence, Sequence, Shape};
use crate::kernels::window::Window2d;

/// Channels of values on a grid: an image, or a sequence.
#[diagnostic::on_unimplemented(
    message = "this layer takes an image or a sequence, but {Self} arrives",
    label = "no rows and columns, no length: {Self}",
    note = "write it before `flatten`"
)]
pub trait Grid: Spatial + Channelled {
    /// One position with the same channels. Of a const parameter it need not be known that this is a shape.
    type Point;
}

impl<const C: usize, const H: usize, const W: usize> Grid for Image<C, H, W>
where
    Self: Shape,
{
    type Point = Image<C, 1, 1>;
}

impl<const C: usize, const L: usize> Grid for Sequence<C, L>
where
    Self: Shape,
{
    type Point = Sequence<C, 1>;
}

/// A grid over whose channels a window moves.
#[diagnostic::on_unimplemented(
    message = "a window moves over an image or a sequence, but {Self} arrives",
    label = "no rows and columns, no length: {Self}",
    note = "write this layer before `flatten`"
)]
pub trait Slides<K, S, P, D, R = Floor>: Grid {
    /// The positions of the window, with the same channels.
    type Output: Shape;
    /// The sizes of the window.
    const WINDOW: Window2d;
    /// The padding below and to the right.
    const AFTER: [usize; 2];
}

impl<const C: usize, const H: usize, const W: usize, K, S, P, D, R> Slides<K, S, P, D, R> for Image<C, H, W>
where
    Self: Grid,
    P: Window<H, W, K, S, D, R>,
    P::Output: MakeImage<C>,
{
    type Output = <P::Output as MakeImage<C>>::Image;
    const WINDOW: Window2d = Window2d { channels: C, ..P::WINDOW };
    const AFTER: [usize; 2] = P::AFTER;
}

impl<const C: usize, const L: usize, K, S, P, D, R> Slides<K, S, P, D, R> for Sequence<C, L>
where
    Self: Grid,
    P: Span<L, K, S, D, R>,
    P::Output: MakeSequence<C>,
{
    type Output = <P::Output as MakeSequence<C>>::Sequence;
    const WINDOW: Window2d = Window2d { channels: C, ..P::WINDOW };
    const AFTER: [usize; 2] = P::AFTER;
}

/// A window over a sequence of length `L`. It is written as one over images, of which both numbers are the same.
#[diagnostic::on_unimplemented(
    message = "a sequence has one direction, but this layer has two numbers in one of {K}, {S}, {Self}, {D}",
    label = "two numbers for one direction",
    note = "write one number: `k3`, `s2`, `pad1`, `dil2`"
)]
pub trait Span<const L: usize, K, S, D, R = Floor> {
    /// The output length, as a [`Const`](super::size::Const).
    type Output;
    /// The sizes of the window, for one channel of one row.
    const WINDOW: Window2d;
    /// The padding below, which is none, and to the right.
    const AFTER: [usize; 2];
}

impl<const L: usize, const K: usize, const S: usize, const D: usize, P, R>
    Span<L, Kernel<K, K>, Stride<S, S>, Dilation<D, D>, R> for P
where
    P: OneDirection,
    Kernel<K, K>: Positive,
    Stride<S, S>: Positive,
    Dilation<D, D>: Positive,
    P::Ends: Slide<L, K, S, D, R> + Admits<L, K, S, D, R>,
{
    type Output = <P::Ends as Slide<L, K, S, D, R>>::Output;

    const WINDOW: Window2d = Window2d {
        channels: 1,
        input: [1, L],
        kernel: [1, K],
        stride: [1, S],
        padding: [0, P::Ends::BEFORE],
        dilation: [1, D],
        output: [1, <P::Ends as Slide<L, K, S, D, R>>::Output::SIZE],
    };
    const AFTER: [usize; 2] = [0, P::Ends::AFTER];
}

/// Padding that is the same for rows and columns, and so can be that of a sequence.
#[diagnostic::on_unimplemented(
    message = "a sequence has one direction, but {Self} pads rows and columns differently",
    label = "two numbers for one direction",
    note = "write one number, `pad1`, or each of two twice: `pad(1, 1, 2, 2)` is 1 before the sequence and 2 behind it"
)]
pub trait OneDirection {
    /// The padding of the sequence.
    type Ends;
}

impl<const P: usize> OneDirection for Pad<P, P> {
    type Ends = Ends<P, P>;
}

impl<const BEFORE: usize, const AFTER: usize> OneDirection for PadSides<BEFORE, BEFORE, AFTER, AFTER> {
    type Ends = Ends<BEFORE, AFTER>;
}

impl OneDirection for Same {
    type Ends = Self;
}
