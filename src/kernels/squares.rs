//! Squares of channels and pixels, turned around: so that a pixel of as many channels as a register has lanes lies in one of them.

use super::simd::{Lanes, WIDEST};
use crate::element::Element;

/// Where pixels lie: side by side in rows, of `width` each, with `skip` values between rows.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) width: usize,
    pub(super) skip: usize,
}

impl Place {
    /// All in one row.
    pub(super) const ROW: Self = Self { start: 0, width: usize::MAX, skip: 0 };
}

/// Lays out `length` values of some channels that lie `apart`, so that each pixel is a register. Lanes without a channel hold anything.
#[inline(always)]
pub(super) fn spread<E: Element, V: Lanes<E>>(
    (channels, apart): (&[E], usize),
    length: usize,
    pixels: &mut [E],
    place: Place,
) {
    let (mut to, mut column) = (place.start, 0);
    for first in (0..length).step_by(V::COUNT) {
        let square = V::transpose(square(channels.get(first..).unwrap_or_default(), apart));
        let left = length - first;
        for index in 0..V::COUNT {
            if index < left {
                square[index].store(pixels, to);
                (to, column) = (to + V::COUNT, column + 1);
                if column == place.width {
                    (to, column) = (to + place.skip, 0);
                }
            }
        }
    }
}

/// A register of each channel; what lies behind a channel is anything.
#[inline(always)]
fn square<E: Element, V: Lanes<E>>(channels: &[E], apart: usize) -> [V; WIDEST] {
    // Nothing but loads in these loops, so that they unroll and the square stays in registers.
    let mut square = [V::splat(E::zero()); WIDEST];
    if channels.len() >= (V::COUNT - 1) * apart + V::COUNT {
        for index in 0..V::COUNT {
            square[index] = V::load(channels, index * apart);
        }
        return square;
    }
    let mut copies = [E::zero(); WIDEST * WIDEST];
    for (channel, copy) in channels.chunks(apart).zip(copies.chunks_exact_mut(V::COUNT)) {
        V::load_first(channel).store(copy, 0);
    }
    for index in 0..V::COUNT {
        square[index] = V::load(&copies, index * V::COUNT);
    }
    square
}

/// The inverse of [`spread`] for channels that lie `apart`, which overwrites what is there or adds to it.
#[inline(always)]
pub(super) fn collect<E: Element, V: Lanes<E>, const ADDS: bool>(
    pixels: &[E],
    place: Place,
    (channels, apart): (&mut [E], usize),
    length: usize,
) {
    let (mut from, mut column, end) = (place.start, 0, pixels.len() - V::COUNT);
    for first in (0..length).step_by(V::COUNT) {
        let mut square = [V::splat(E::zero()); WIDEST];
        for index in 0..V::COUNT {
            square[index] = V::load(pixels, from.min(end)); // what lies behind the last pixel is not written
            (from, column) = (from + V::COUNT, column + 1);
            if column == place.width {
                (from, column) = (from + place.skip, 0);
            }
        }
        let (square, left) = (V::transpose(square), length - first);
        if left >= V::COUNT {
            for index in 0..V::COUNT {
                let at = index * apart + first;
                if at < channels.len() {
                    let sum = if ADDS { V::load(channels, at).add(square[index]) } else { square[index] };
                    sum.store(channels, at);
                }
            }
        } else {
            for index in 0..V::COUNT {
                let at = index * apart + first;
                if at < channels.len() {
                    let to = &mut channels[at..][..left];
                    let sum = if ADDS { V::load_first(to).add(square[index]) } else { square[index] };
                    sum.store_first(to);
                }
            }
        }
    }
}
