//! Left and right exchanged.

use super::{Augment, Chance, Picture};
use crate::element::Element;

/// Mirrors every second picture: left and right change places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HorizontalFlip;

impl Augment for HorizontalFlip {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], _scratch: &mut [E]) {
        if chance.happens(0.5) {
            values.chunks_exact_mut(S::COLUMNS).for_each(<[E]>::reverse);
        }
    }
}
