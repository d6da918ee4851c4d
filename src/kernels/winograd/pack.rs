//! The weights, transformed.

use super::{PLACES, TAPS, transform};
use crate::element::Element;
use crate::kernels::simd::{Kernel, Lanes, WIDEST};

/// G g Gᵀ of each filter on each channel: place, register of filters, channel, lane.
pub(super) struct Pack<'a, E> {
    pub(super) weight: &'a [E],
    pub(super) filters: usize,
    /// Weights from one filter to the next.
    pub(super) filter: usize,
    pub(super) channels: usize,
    /// Weights from one channel to the next.
    pub(super) channel: usize,
    /// Whether the last tap comes first.
    pub(super) turned: bool,
    pub(super) packed: &'a mut [E],
}

impl<E: Element> Kernel<E> for Pack<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let pitch = self.channels * self.filters.next_multiple_of(WIDEST);
        for first in (0..self.filters).step_by(V::COUNT) {
            for channel in 0..self.channels {
                let mut taps = [V::splat(E::zero()); TAPS];
                for tap in (0..TAPS).step_by(V::COUNT) {
                    let mut square = [V::splat(E::zero()); WIDEST];
                    for lane in 0..V::COUNT {
                        // Lanes without a filter repeat the last.
                        let filter = (first + lane).min(self.filters - 1);
                        let at = filter * self.filter + channel * self.channel + tap;
                        square[lane] = V::load_first(&self.weight[at..]);
                    }
                    let count = V::COUNT.min(TAPS - tap);
                    taps[tap..tap + count].copy_from_slice(&V::transpose(square)[..count]);
                }
                if self.turned {
                    taps.reverse();
                }
                let places = transform::weight::<E, V>(taps);
                for place in 0..PLACES {
                    places[place].store(self.packed, place * pitch + first * self.channels + channel * V::COUNT);
                }
            }
        }
    }
}
