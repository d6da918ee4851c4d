//! Shapes as channels of positions: what normalisation, dropout of channels and channel-wise parameters go by.

use core::ops::Rem;

use typenum::{Eq, IsEqual, Max, Maximum, Mod, U0, U1};

use super::rules::{DividesChannels, Spatial, Verdict};
use super::size::{Dim, N, Sizes};
use super::window::{Groups, Positive};
use super::{Flat, Image, Sequence, Shape, Vector};

/// A shape whose values are channels of as many positions each, channel by channel. A feature is a channel of one
/// position.
pub trait Channelled: Shape {
    /// The number of channels as a type-level number, for rules.
    type Channels;
    /// The number of channels.
    const CHANNELS: usize;
    /// The values of one channel.
    const POSITIONS: usize;
}

impl<const C: usize, const H: usize, const W: usize> Channelled for Image<C, H, W>
where
    Self: Shape,
    Sizes: Dim<C>,
{
    type Channels = N<C>;
    const CHANNELS: usize = C;
    const POSITIONS: usize = H * W;
}

impl<const C: usize, const L: usize> Channelled for Sequence<C, L>
where
    Self: Shape,
    Sizes: Dim<C>,
{
    type Channels = N<C>;
    const CHANNELS: usize = C;
    const POSITIONS: usize = L;
}

impl<const SIZE: usize> Channelled for Vector<SIZE>
where
    Self: Shape,
{
    type Channels = Self::Length;
    const CHANNELS: usize = SIZE;
    const POSITIONS: usize = 1;
}

impl<S: Spatial> Channelled for Flat<S> {
    type Channels = S::Length;
    const CHANNELS: usize = S::LEN;
    const POSITIONS: usize = 1;
}

/// A shape whose channels `G` groups divide.
pub trait Grouped<const G: usize>: Channelled {}

/// G, but at least 1: division stays total.
type Parts<const G: usize> = Maximum<N<G>, U1>;

impl<S: Channelled, const G: usize> Grouped<G> for S
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
