//! The gradient of a direct convolution's weights.
//!
//! d\_weight\[f, tap\] = Σ over positions p of dy\[f, p\] · x\[p + offset of tap\]. Neighbouring filters sit in neighbouring
//! lanes, for which dy is turned around, some rows at a time; a value of x is then multiplied by all filters at once and
//! nothing needs to be added up across lanes. The sums of a block, taps × registers of filters, stay in registers while
//! the positions pass by.

use super::direct::{Direct, SLACK};
use super::simd::{Kernel, Lanes, Level, WIDEST, transpose};
use crate::element::Element;

/// Taps of a block at most.
const TAPS: usize = 8;
/// Registers of filters of a block at most.
const REGISTERS: usize = 3;
/// Values of dy that are turned around at a time: 64 KiB of `f32`, so that the sums are loaded and stored seldom.
const CHUNK: usize = 16384;

impl Direct {
    /// Filters, filled up to whole registers at any level.
    const fn filter_lanes(&self) -> usize {
        self.filters.next_multiple_of(WIDEST)
    }

    /// Sums of products, and one of dy for the bias.
    const fn sums_len(&self) -> usize {
        (self.taps().next_multiple_of(TAPS) + 1) * self.filter_lanes()
    }

    const fn chunk_len(&self) -> usize {
        let row = self.output[1].next_multiple_of(WIDEST) * REGISTERS * WIDEST;
        (if row > CHUNK { row } else { CHUNK }) + REGISTERS * WIDEST * WIDEST
    }

    /// Values of scratch for the gradient of the weights.
    pub(super) const fn weight_scratch_len(&self) -> usize {
        self.channels * self.plane() + SLACK + self.sums_len() + self.chunk_len()
    }

    /// d\_weight += dy ∗ x and d\_bias += Σ dy, over all samples; `d_bias` is empty if there is no bias.
    pub fn backward_weight<E: Element>(
        &self,
        level: Level,
        x: &[E],
        dy: &[E],
        d_weight: &mut [E],
        d_bias: &mut [E],
        scratch: &mut [E],
    ) {
        let (padded, rest) = scratch.split_at_mut(self.channels * self.plane() + SLACK);
        let (sums, turned) = rest.split_at_mut(self.sums_len());
        padded.fill(E::zero());
        sums.fill(E::zero());
        let inputs = x.chunks_exact(self.channels * self.input[0] * self.input[1]);
        for (x, dy) in inputs.zip(dy.chunks_exact(self.filters * self.positions())) {
            self.pad(x, padded);
            level.run(BackwardWeight { direct: self, padded, dy, sums, turned });
        }
        let taps = self.taps();
        let (bias, sums) = sums.split_at(self.filter_lanes());
        for (d_bias, &sum) in d_bias.iter_mut().zip(bias) {
            *d_bias += sum;
        }
        // A register's width of filters at a time, so that each line of sums comes into cache once.
        for (block, d_weight) in d_weight.chunks_mut(WIDEST * taps).enumerate() {
            for (tap, sums) in sums.chunks_exact(self.filter_lanes()).take(taps).enumerate() {
                for (d_weight, &sum) in d_weight.chunks_exact_mut(taps).zip(&sums[block * WIDEST..]) {
                    d_weight[tap] += sum;
                }
            }
        }
    }
}

/// One sample.
struct BackwardWeight<'a, E> {
    direct: &'a Direct,
    padded: &'a [E],
    dy: &'a [E],
    /// For the bias and for each tap: the sum of each filter.
    sums: &'a mut [E],
    turned: &'a mut [E],
}

impl<E: Element> Kernel<E> for BackwardWeight<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        let registers = self.direct.filters.div_ceil(V::COUNT);
        let mut first = 0;
        while first < registers {
            // Four registers go two and two; otherwise as many as a block has.
            let left = registers - first;
            first += if left >= 3 && left != 4 && B >= 3 {
                self.filters::<V, F, 3>(first * V::COUNT)
            } else if left >= 2 && B >= 2 {
                self.filters::<V, F, 2>(first * V::COUNT)
            } else {
                self.filters::<V, F, 1>(first * V::COUNT)
            };
        }
    }
}

impl<E: Element> BackwardWeight<'_, E> {
    /// All taps for `B` registers of filters; returns `B`.
    #[inline(always)]
    fn filters<V: Lanes<E>, const F: usize, const B: usize>(&mut self, first: usize) -> usize {
        let [height, width] = self.direct.output;
        let rows_at_once = (CHUNK / (width * B * V::COUNT)).max(1);
        let mut row = 0;
        while row < height {
            let rows = rows_at_once.min(height - row);
            self.turn::<V, B>(first, row * width, rows * width);
            let mut tap = 0;
            while tap < self.direct.taps() {
                self.block::<V, F, B>(first, tap, row, rows);
                tap += F;
            }
            row += rows;
        }
        B
    }

    /// Turns `count` positions of dy around, so that the `B` registers of filters of a position lie together; adds up the bias.
    #[inline(always)]
    fn turn<V: Lanes<E>, const B: usize>(&mut self, first: usize, start: usize, count: usize) {
        let (filters, positions) = (self.direct.filters, self.direct.positions());
        for register in 0..B {
            let filter = first + register * V::COUNT;
            let rows = V::COUNT.min(filters - filter);
            let dy = &self.dy[filter * positions + start..];
            let turned = &mut self.turned[register * V::COUNT..];
            let mut bias = V::load(self.sums, filter);
            let mut position = 0;
            while position < count {
                let mut square = [V::splat(E::zero()); WIDEST];
                if position + V::COUNT <= count {
                    for lane in 0..rows {
                        square[lane] = V::load(dy, lane * positions + position);
                    }
                } else {
                    for lane in 0..rows {
                        square[lane] = V::load_first(&dy[lane * positions..][position..count]);
                    }
                }
                let square = transpose(square);
                for lane in 0..V::COUNT {
                    square[lane].store_first(&mut turned[(position + lane) * B * V::COUNT..]);
                    bias = bias.add(square[lane]);
                }
                position += V::COUNT;
            }
            bias.store_first(&mut self.sums[filter..]);
        }
    }

    /// Adds the products of some rows for `F` taps and `B` registers of filters.
    #[inline(always)]
    fn block<V: Lanes<E>, const F: usize, const B: usize>(
        &mut self,
        first: usize,
        tap: usize,
        row: usize,
        rows: usize,
    ) {
        let Direct { channels, kernel, output: [_, width], .. } = *self.direct;
        let (pitch, plane, window) = (self.direct.pitch(), self.direct.plane(), kernel[0] * kernel[1]);
        let lanes = self.direct.filter_lanes();
        let mut offsets = [0; F];
        let mut sums = [[V::splat(E::zero()); B]; F];
        let (mut channel, mut tap_row, mut tap_column) = (tap / window, tap / kernel[1] % kernel[0], tap % kernel[1]);
        for index in 0..F {
            // The sums are filled up to whole blocks; a tap too many looks at the first channel.
            offsets[index] = if channel < channels { channel * plane + tap_row * pitch + tap_column } else { 0 };
            tap_column += 1;
            if tap_column == kernel[1] {
                (tap_row, tap_column) = (tap_row + 1, 0);
            }
            if tap_row == kernel[0] {
                (channel, tap_row) = (channel + 1, 0);
            }
            for register in 0..B {
                sums[index][register] = V::load(self.sums, (1 + tap + index) * lanes + first + register * V::COUNT);
            }
        }
        let mut turned = 0;
        for row in row..row + rows {
            for x in row * pitch..row * pitch + width {
                let mut dy = [V::splat(E::zero()); B];
                for register in 0..B {
                    dy[register] = V::load(self.turned, turned + register * V::COUNT);
                }
                turned += B * V::COUNT;
                for index in 0..F {
                    let x = V::splat(self.padded[x + offsets[index]]);
                    for register in 0..B {
                        sums[index][register] = sums[index][register].multiply_add(x, dy[register]);
                    }
                }
            }
        }
        for index in 0..F {
            for register in 0..B {
                let at = (1 + tap + index) * lanes + first + register * V::COUNT;
                sums[index][register].store_first(&mut self.sums[at..]);
            }
        }
    }
}
