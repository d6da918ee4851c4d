//! The gradient of the weights with lanes along the filters: nothing is added up across lanes.

use super::{most, most_fitting};
use crate::element::Element;
use crate::kernels::direct::Direct;
use crate::kernels::simd::{Kernel, Lanes};
use crate::kernels::squares::{Place, collect, spread};

/// Taps that a block may have.
const TAPS: [usize; 5] = [9, 8, 6, 4, 1];

/// A few samples.
pub(in crate::kernels) struct BackwardWeight<'a, E> {
    pub(in crate::kernels) direct: &'a Direct,
    pub(in crate::kernels) samples: usize,
    pub(in crate::kernels) padded: &'a [E],
    pub(in crate::kernels) dy: &'a [E],
    /// Room for dy of two registers of filters.
    pub(in crate::kernels) rows: &'a mut [E],
    /// Room for the sums of two registers of filters.
    pub(in crate::kernels) sums: &'a mut [E],
    pub(in crate::kernels) d_weight: &'a mut [E],
    pub(in crate::kernels) d_bias: &'a mut [E],
}

impl<E: Element> Kernel<E> for BackwardWeight<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let taps = most_fitting(&TAPS, self.direct.taps(), most(V::COUNT));
        match self.direct.stride[1] {
            1 => self.with_stride::<V, 1>(taps),
            _ => self.with_stride::<V, 2>(taps),
        }
    }
}

impl<E: Element> BackwardWeight<'_, E> {
    #[inline(always)]
    fn with_stride<V: Lanes<E>, const S: usize>(self, taps: usize) {
        match taps {
            9 => self.all::<V, 9, S>(),
            8 => self.all::<V, 8, S>(),
            6 => self.all::<V, 6, S>(),
            4 => self.all::<V, 4, S>(),
            _ => self.all::<V, 1, S>(),
        }
    }

    /// All gradients, those of `T` taps at once.
    #[inline(always)]
    fn all<V: Lanes<E>, const T: usize, const S: usize>(mut self) {
        if const { T > most(V::COUNT) } {
            return;
        }
        let (Direct { filters, .. }, taps) = (*self.direct, self.direct.taps());
        for first in (0..filters).step_by(2 * V::COUNT) {
            self.spread::<V>(first);
            let mut offsets = self.direct.image().offsets();
            let mut tap = 0;
            while tap + T <= taps {
                let mut some = [0; T];
                for index in 0..T {
                    some[index] = offsets.next();
                }
                self.block::<V, T, S>(some, tap);
                tap += T;
            }
            while tap < taps {
                self.block::<V, 1, S>([offsets.next()], tap);
                tap += 1;
            }
            for half in 0..2 {
                let place = Place { start: half * V::COUNT, width: 1, skip: V::COUNT };
                let first = (first + half * V::COUNT).min(filters);
                let last = (first + V::COUNT).min(filters);
                let d_weight = &mut self.d_weight[first * taps..last * taps];
                collect::<E, V, true>(self.sums, place, (d_weight, taps), taps);
            }
        }
    }

    /// Turns dy of two registers of filters around, and adds up the bias.
    #[inline(always)]
    fn spread<V: Lanes<E>>(&mut self, first: usize) {
        let (filters, positions) = (self.direct.filters, self.direct.positions());
        for half in 0..2 {
            let first = first + half * V::COUNT;
            for sample in 0..self.samples {
                let start = sample * positions * 2 * V::COUNT + half * V::COUNT;
                let dy = self.dy.get((sample * filters + first) * positions..).unwrap_or_default();
                let place = Place { start, width: 1, skip: V::COUNT };
                spread::<E, V>((dy, positions), positions, self.rows, place);
            }
            if first < self.d_bias.len() {
                let mut sum = V::splat(E::zero());
                for position in 0..self.samples * positions {
                    sum = sum.add(V::load(self.rows, (2 * position + half) * V::COUNT));
                }
                let d_bias = &mut self.d_bias[first..];
                V::load_first(d_bias).add(sum).store_first(d_bias);
            }
        }
    }

    /// Σ over positions of dy · x for the taps from `tap` on, which lie at `offsets`.
    #[inline(always)]
    fn block<V: Lanes<E>, const T: usize, const S: usize>(&mut self, offsets: [usize; T], tap: usize) {
        let ([height, width], image, down) = (self.direct.output, self.direct.image(), self.direct.stride[0]);
        let mut sums = [[V::splat(E::zero()); T]; 2];
        let samples =
            self.padded.chunks_exact(image.padded_len()).zip(self.rows.chunks_exact(height * width * 2 * V::COUNT));
        for (padded, dy) in samples.take(self.samples) {
            for (row, dy) in dy.chunks_exact(width * 2 * V::COUNT).enumerate() {
                // All as long as the others, so that one check of bounds is enough for all.
                let mut x = [padded; T];
                for index in 0..T {
                    x[index] = &padded[row * down * image.pitch() + offsets[index]..][..=(width - 1) * S];
                }
                for (column, dy) in dy.chunks_exact(2 * V::COUNT).enumerate() {
                    let dy = [V::load(dy, 0), V::load(dy, V::COUNT)];
                    for index in 0..T {
                        let x = V::splat(x[index][column * S]);
                        for half in 0..2 {
                            sums[half][index] = sums[half][index].multiply_add(dy[half], x);
                        }
                    }
                }
            }
        }
        let to = &mut self.sums[tap * 2 * V::COUNT..][..T * 2 * V::COUNT];
        for index in 0..T {
            for half in 0..2 {
                sums[half][index].store(to, (2 * index + half) * V::COUNT);
            }
        }
    }
}
