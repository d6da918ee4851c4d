//! The gradient of a direct convolution's weights.
//!
//! d\_weight\[f, tap\] = Σ over positions p of dy\[f, p\] · x\[p + offset of tap\]. Neighbouring positions sit in neighbouring
//! lanes; for that dy is laid out in whole registers, with zeros behind each line. The sums of a block, filters × taps, stay
//! in registers while the positions of a few samples pass by, and only then their lanes are added up.

use super::direct::{Direct, SLACK};
use super::direct_filters::{self, BLOCK};
use super::padded::Offsets;
use super::simd::{Kernel, Lanes, Level, WIDEST, add_products, sum_lanes};
use crate::element::Element;

/// Positions that a block passes over at least, if there are as many samples: adding up lanes takes as long as 100 or so.
const POSITIONS: usize = 1024;
/// Samples that are given at once, at most.
const TILE: usize = 16;
/// Filters of a block at most.
const FILTERS: usize = 8;
/// Sums of a block at most, in whole registers at any level.
const SUMS: usize = 2 * WIDEST;

impl Direct {
    /// How a filter's dy is laid out: as lines of positions that lie side by side in the padded image, their number and
    /// length. That is row by row, or all rows in one with zeros between them where that takes fewer registers.
    #[inline(always)]
    const fn lines(&self) -> [usize; 2] {
        let [height, width] = self.output;
        let (rows, joined) = (height * width.next_multiple_of(WIDEST), self.span().next_multiple_of(WIDEST));
        if joined < rows { [1, self.span()] } else { [height, width] }
    }

    /// Values of one filter's dy, lines filled up to whole registers.
    #[inline(always)]
    const fn row_len(&self, lanes: usize) -> usize {
        let [lines, length] = self.lines();
        lines * length.next_multiple_of(lanes)
    }

    /// Samples that are taken at once.
    const fn samples_at_once(&self) -> usize {
        let samples = POSITIONS / if self.along_filters { self.positions() } else { self.row_len(WIDEST) };
        if samples == 0 {
            1
        } else if samples > TILE {
            TILE
        } else {
            samples
        }
    }

    /// Values of scratch for the gradient of the weights.
    pub(super) const fn weight_scratch_len(&self) -> usize {
        if self.along_filters {
            let sample = self.image().padded_len() + BLOCK * self.positions();
            return self.samples_at_once() * sample + BLOCK * self.taps() + SLACK;
        }
        self.samples_at_once() * (self.padded_len() + FILTERS * self.row_len(WIDEST)) + self.row_len(WIDEST) + SLACK
    }

    /// d\_weight += dy ∗ x and d\_bias += Σ dy, over all samples; `d_bias` is empty if there is no bias.
    ///
    /// NaN and ±∞ in x may reach taps that do not see them: zeros of dy are multiplied by what lies between its rows.
    pub fn backward_weight<E: Element, const ALONG_FILTERS: bool>(
        &self,
        level: Level,
        x: &[E],
        dy: &[E],
        d_weight: &mut [E],
        d_bias: &mut [E],
        scratch: &mut [E],
    ) {
        self.backward_weight_of::<E, ALONG_FILTERS>(level, (x, dy), (d_weight, d_bias), scratch, |_| ());
    }

    /// The same; `show` is shown each sample's padded image.
    pub(super) fn backward_weight_of<E: Element, const ALONG_FILTERS: bool>(
        &self,
        level: Level,
        (x, dy): (&[E], &[E]),
        (d_weight, d_bias): (&mut [E], &mut [E]),
        scratch: &mut [E],
        mut show: impl FnMut(&[E]),
    ) {
        let (samples, row_len, image) = (self.samples_at_once(), self.row_len(WIDEST), self.image());
        let padded_len = image.padded_len();
        let scratch = &mut scratch[..self.weight_scratch_len()];
        let (padded, rest) = scratch.split_at_mut(samples * padded_len);
        let (input, output) = (self.channels * self.input[0] * self.input[1], self.filters * self.positions());
        padded[..samples.min(x.len() / input) * padded_len].fill(E::zero());
        for (x, dy) in x.chunks(samples * input).zip(dy.chunks(samples * output)) {
            for (x, padded) in x.chunks_exact(input).zip(padded.chunks_exact_mut(padded_len)) {
                image.pad(level, x, padded);
                show(padded);
            }
            let (padded, samples) = (&*padded, dy.len() / output);
            let (d_weight, d_bias) = (&mut *d_weight, &mut *d_bias);
            // Each register of dy lies in one cache line: it is loaded twice as fast as from two.
            let aligned = rest.as_ptr().align_offset(64).min(SLACK);
            if ALONG_FILTERS && self.along_filters {
                let (rows, sums) = rest[aligned..].split_at_mut(self.samples_at_once() * BLOCK * self.positions());
                let kernel =
                    direct_filters::BackwardWeight { direct: self, samples, padded, dy, rows, sums, d_weight, d_bias };
                level.run(kernel);
                continue;
            }
            let (rows, row) = rest[aligned..].split_at_mut(self.samples_at_once() * FILTERS * row_len);
            row.fill(E::zero());
            let kernel = BackwardWeight { direct: self, samples, padded, padded_len, dy, row, rows, d_weight, d_bias };
            level.run_in_blocks(level.block(self.filters), kernel);
        }
    }
}

/// A few samples.
struct BackwardWeight<'a, E> {
    direct: &'a Direct,
    samples: usize,
    padded: &'a [E],
    padded_len: usize,
    dy: &'a [E],
    /// Room for one filter's dy with zeros between rows.
    row: &'a mut [E],
    /// Room for a block of filters, sample by sample, their registers in turn.
    rows: &'a mut [E],
    d_weight: &'a mut [E],
    d_bias: &'a mut [E],
}

impl<E: Element> Kernel<E> for BackwardWeight<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        let (filters, taps) = (self.direct.filters, self.direct.taps());
        for filter in (0..filters).step_by(F) {
            self.spread::<V, F>(filter);
            let mut offsets = self.direct.offsets();
            let mut tap = 0;
            while tap + B <= taps {
                self.block::<V, F, B>(filter, tap, &mut offsets);
                tap += B;
            }
            while tap < taps {
                self.block::<V, F, 1>(filter, tap, &mut offsets);
                tap += 1;
            }
        }
    }
}

impl<E: Element> BackwardWeight<'_, E> {
    /// Lays dy of `F` filters out in registers, and adds up the bias.
    #[inline(always)]
    fn spread<V: Lanes<E>, const F: usize>(&mut self, first: usize) {
        let Direct { filters, output: [_, width], .. } = *self.direct;
        let ([lines, length], pitch, positions) = (self.direct.lines(), self.direct.pitch(), self.direct.positions());
        for sample in 0..self.samples {
            for filter in first..filters.min(first + F) {
                let mut dy = &self.dy[(sample * filters + filter) * positions..][..positions];
                if length > width {
                    for (dy, row) in dy.chunks_exact(width).zip(self.row.chunks_mut(pitch)) {
                        row[..width].copy_from_slice(dy);
                    }
                    dy = &self.row[..length];
                }
                let mut to = sample * F * self.direct.row_len(V::COUNT) + (filter - first) * V::COUNT;
                let mut sum = V::splat(E::zero());
                for line in 0..lines {
                    let dy = &dy[line * length..][..length];
                    let mut at = 0;
                    while at < length {
                        let values = V::load_first(&dy[at..]);
                        values.store_first(&mut self.rows[to..][..V::COUNT]);
                        sum = sum.add(values);
                        (at, to) = (at + V::COUNT, to + F * V::COUNT);
                    }
                }
                if let Some(d_bias) = self.d_bias.get_mut(filter) {
                    let mut lanes = [E::zero(); WIDEST];
                    sum.store_first(&mut lanes);
                    *d_bias += lanes.into_iter().sum();
                }
            }
        }
    }

    /// Adds the sums of `F` filters and `T` taps over all positions of the samples.
    #[inline(always)]
    fn block<V: Lanes<E>, const F: usize, const T: usize>(&mut self, filter: usize, tap: usize, offsets: &mut Offsets) {
        let mut starts = [0; T];
        for index in 0..T {
            starts[index] = offsets.next();
        }
        let mut totals = [E::zero(); SUMS];
        self.sums::<V, F, T>(starts, &mut totals);
        let taps = self.direct.taps();
        for (index, d_weight) in self.d_weight[filter * taps..].chunks_exact_mut(taps).take(F).enumerate() {
            let d_weight = &mut d_weight[tap..][..T];
            for tap in 0..T {
                d_weight[tap] += totals[index * T + tap];
            }
        }
    }

    /// Σ over positions of dy · x, for the `F` filters that are laid out and the `T` taps that start there.
    #[inline(always)]
    fn sums<V: Lanes<E>, const F: usize, const T: usize>(&self, starts: [usize; T], totals: &mut [E; SUMS]) {
        let (pitch, [_, length], row_len) = (self.direct.pitch(), self.direct.lines(), self.direct.row_len(V::COUNT));
        let reach = self.direct.span() - length + length.next_multiple_of(V::COUNT);
        let mut sums = [[V::splat(E::zero()); T]; F];
        for sample in 0..self.samples {
            let padded = &self.padded[sample * self.padded_len..];
            let dy = &self.rows[sample * F * row_len..][..F * row_len];
            // All as long as the others, so that one check of bounds is enough for all.
            let mut x = [padded; T];
            for index in 0..T {
                x[index] = &padded[starts[index]..][..reach];
            }
            let (mut line, mut at) = (0, 0);
            for dy in dy.chunks_exact(F * V::COUNT) {
                add_products(&mut sums, |filter| V::load(dy, filter * V::COUNT), |index| V::load(x[index], at));
                at += V::COUNT;
                if at >= line + length {
                    line += pitch;
                    at = line;
                }
            }
        }
        let mut all = [V::splat(E::zero()); SUMS];
        for filter in 0..F {
            for index in 0..T {
                all[filter * T + index] = sums[filter][index];
            }
        }
        let mut first = 0;
        while first < F * T {
            let mut some = [V::splat(E::zero()); WIDEST];
            some[..V::COUNT].copy_from_slice(&all[first..][..V::COUNT]);
            sum_lanes(some).store_first(&mut totals[first..]);
            first += V::COUNT;
        }
    }
}
