//! Dropping values at random.

use super::simd::{Kernel, Lanes, Level};
use crate::element::Element;
use crate::noise::Draws;

/// `to` = scale · `from` where the position's number is at least `threshold`, 0 elsewhere.
pub(crate) fn dropout<E: Element>(level: Level, draws: Draws, (threshold, scale): (u64, E), from: &[E], to: &mut [E]) {
    level.run(Dropout { draws, threshold, scale, from, to });
}

struct Dropout<'a, E> {
    draws: Draws,
    threshold: u64,
    scale: E,
    from: &'a [E],
    to: &'a mut [E],
}

impl<E: Element> Kernel<E> for Dropout<'_, E> {
    /// A plain loop on integers, which compilers vectorise for each level.
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        for (position, (&from, to)) in self.from.iter().zip(self.to).enumerate() {
            let keep = u64::from(self.draws.bits(position)) >= self.threshold;
            *to = if keep { self.scale * from } else { E::zero() };
        }
    }
}
