//! Shapes as channels of positions: what normalisation, dropout of channels and channel-wise parameters go by.

use super::rules::Spatial;
use super::size::{Dim, N, Sizes};
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
