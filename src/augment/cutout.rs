//! A part of the picture hidden.

use super::{Augment, Chance, Picture};
use crate::element::Element;

/// Sets a square to 0 in all channels; its middle is anywhere in the picture, so that a part of it may lie outside
/// ([`DeVries` and Taylor, 2017](https://arxiv.org/abs/1708.04552)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutout {
    size: usize,
}

impl Cutout {
    /// A square of `size` × `size` pixels.
    #[must_use]
    pub const fn size(size: usize) -> Self {
        Self { size }
    }
}

impl Augment for Cutout {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], _scratch: &mut [E]) {
        let span = |middle: usize, size: usize| {
            let start = middle.saturating_sub(self.size / 2);
            start..middle.saturating_add(self.size.div_ceil(2)).min(size)
        };
        let rows = span(chance.below(S::ROWS), S::ROWS);
        let columns = span(chance.below(S::COLUMNS), S::COLUMNS);
        for channel in values.chunks_exact_mut(S::ROWS * S::COLUMNS) {
            for row in rows.clone() {
                channel[row * S::COLUMNS..][columns.clone()].fill(E::zero());
            }
        }
    }
}
