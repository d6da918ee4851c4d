//! Shapes as channels of positions: what normalisation, dropout of channels and channel-wise parameters go by.

use core::ops::Rem;

use typenum::{Eq, IsEqual, Max, Maximum, Mod, U0, U1};

use super::rules::{DividesChannels, Spatial, Verdict};
use super::size::{Dim, N, Sizes};
use super::window::{Groups, Positive};
use super::{Flat, Image, Never, Sequence, Shape, Vector};

/// A shape whose values are channels of as many positions each, channel by channel. A feature is a channel of one
/// position.
pub trait Channelled: Shape {
    /// The number of channels.
    const CHANNELS: usize;
    /// The values of one channel.
    const POSITIONS: usize;
}

impl<const C: usize, const H: usize, const W: usize> Channelled for Image<C, H, W>
where
    Self: Shape,
{
    const CHANNELS: usize = C;
    const POSITIONS: usize = H * W;
}

impl<const C: usize, const L: usize> Channelled for Sequence<C, L>
where
    Self: Shape,
{
    const CHANNELS: usize = C;
    const POSITIONS: usize = L;
}

impl<const SIZE: usize> Channelled for Vector<SIZE>
where
    Self: Shape,
{
    const CHANNELS: usize = SIZE;
    const POSITIONS: usize = 1;
}

impl<S: Spatial> Channelled for Flat<S> {
    const CHANNELS: usize = S::LEN;
    const POSITIONS: usize = 1;
}

/// A shape whose channels `G` groups divide.
///
/// Of a const parameter that is not known. A generic function says it: `where Image<N, 16, 16>: Grouped<4>`.
pub trait Grouped<const G: usize>: Channelled {}

/// A shape whose channels are a number that can be divided.
#[diagnostic::on_unimplemented(
    message = "{G} groups are not known to divide the channels of `{Self}`",
    label = "channels that may be no multiple of {G}",
    note = "a const parameter may be any number: say that the groups divide it, `where {Self}: Grouped<{G}>`, with `use shapewright::shape::Grouped`"
)]
pub trait Divisible<const G: usize> {
    /// The number of channels as a type-level number.
    type Channels;
}

#[diagnostic::do_not_recommend]
impl<const C: usize, const H: usize, const W: usize, const G: usize> Divisible<G> for Image<C, H, W>
where
    Sizes: Dim<C>,
{
    type Channels = N<C>;
}

#[diagnostic::do_not_recommend]
impl<const C: usize, const L: usize, const G: usize> Divisible<G> for Sequence<C, L>
where
    Sizes: Dim<C>,
{
    type Channels = N<C>;
}

#[diagnostic::do_not_recommend]
impl<const SIZE: usize, const G: usize> Divisible<G> for Vector<SIZE>
where
    Sizes: Dim<SIZE>,
{
    type Channels = N<SIZE>;
}

#[diagnostic::do_not_recommend]
impl<S: Spatial, const G: usize> Divisible<G> for Flat<S> {
    type Channels = S::Length;
}

/// Never holds: with a choice between two impls, rustc looks no further and reports the rule above.
#[diagnostic::do_not_recommend]
impl<S, const G: usize> Divisible<G> for S
where
    for<'a> (): Never,
{
    type Channels = U0;
}

/// G, but at least 1: division stays total.
type Parts<const G: usize> = Maximum<N<G>, U1>;

impl<S: Channelled + Divisible<G>, const G: usize> Grouped<G> for S
where
    Groups<G>: Positive,
    Sizes: Dim<G>,
    N<G>: Max<U1>,
    S::Channels: Rem<Parts<G>>,
    Mod<S::Channels, Parts<G>>: IsEqual<U0>,
    Eq<Mod<S::Channels, Parts<G>>, U0>: Verdict,
    <Eq<Mod<S::Channels, Parts<G>>, U0> as Verdict>::Is: DividesChannels<G, S>,
{
}
