//! Outputs, and by the same loops the gradient of the input.

use super::lines::{Term, Terms};
use super::tiles::{SIDE, Tile, tiles};
use super::{Depthwise, Kernel, Lanes};
use crate::element::Element;

/// A batch.
pub(super) struct Forward<'a, E> {
    pub(super) depthwise: &'a Depthwise,
    pub(super) weight: &'a [E],
    pub(super) bias: &'a [E],
    pub(super) x: &'a [E],
    pub(super) y: &'a mut [E],
    pub(super) relu: bool,
    pub(super) scratch: &'a mut [E],
}

impl<E: Element> Kernel<E> for Forward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { depthwise, weight, bias, x, y, relu, scratch } = self;
        let window = &depthwise.window;
        let (lines, plane) = scratch.split_at_mut(depthwise.phases() * depthwise.x_len());
        lines.fill(E::zero());
        let terms = depthwise.forward_terms();
        let images = x.chunks_exact(window.pixels()).zip(y.chunks_exact_mut(window.positions()));
        let mut channel = 0;
        for (x, y) in images {
            depthwise.lay_out::<E, V>(x, lines);
            let weight = &weight[channel * window.taps()..][..window.taps()];
            let bias = bias.get(channel).copied().unwrap_or_default();
            let sums = Sums { weight, bias, lines, relu, pitch: depthwise.pitch, grid: window.output };
            if terms.iter().all(Terms::fit_a_tile) {
                sums.write::<V>(&terms, y, window.output[1]);
            } else {
                sums.write::<V>(&terms, plane, depthwise.plane_pitch());
                depthwise.copy_rows::<E, V>((plane, depthwise.plane_pitch()), y, window.output[1]);
            }
            channel += 1;
            if channel == window.channels {
                channel = 0;
            }
        }
    }
}

impl Depthwise {
    /// Where the taps read x for the first position.
    #[inline(always)]
    pub(super) fn forward_terms(&self) -> [Terms; 2] {
        let ([height, width], len) = (self.window.kernel, self.x_len().cast_signed());
        let (mut rows, mut columns) = (Terms::NONE, Terms::NONE);
        for index in 0..height {
            let tap = self.tap(0, index);
            let phase = (tap.phase * self.window.stride[1]).cast_signed();
            let offset = phase * len + tap.shift * self.pitch.cast_signed();
            rows.push(Term { offset, weight: index * width });
        }
        for index in 0..width {
            let tap = self.tap(1, index);
            let offset = tap.phase.cast_signed() * len + tap.shift + self.x_lead().cast_signed();
            columns.push(Term { offset, weight: index });
        }
        [rows, columns]
    }
}

/// One channel: bias + Σ over taps of weight · lines\[p + offset of tap\], for positions p in rows and columns.
#[derive(Clone, Copy)]
pub(super) struct Sums<'a, E> {
    pub(super) weight: &'a [E],
    pub(super) bias: E,
    pub(super) lines: &'a [E],
    pub(super) relu: bool,
    /// From one row of positions to the next.
    pub(super) pitch: usize,
    /// Rows and columns.
    pub(super) grid: [usize; 2],
}

impl<E: Element> Sums<'_, E> {
    /// Writes the rows, which lie `apart`: a multiple of a register, or as they like if the terms [`fit_a_tile`](Terms::fit_a_tile).
    #[inline(always)]
    pub(super) fn write<V: Lanes<E>>(self, [rows, columns]: &[Terms; 2], to: &mut [E], apart: usize) {
        tiles::<E, V>(Written { sums: self, to, apart }, rows, columns);
    }
}

/// Sums and where they go.
struct Written<'a, E> {
    sums: Sums<'a, E>,
    to: &'a mut [E],
    apart: usize,
}

impl<E: Element, V: Lanes<E>> Tile<E, V> for Written<'_, E> {
    #[inline(always)]
    fn run<const H: usize, const W: usize>(&mut self, rows: &[Term; H], columns: &[Term; W], [first, last]: [bool; 2]) {
        let Sums { weight, bias, lines, relu, pitch, grid: [height, width] } = self.sums;
        let seen = (1..H).find(|&before| follow(rows, before, pitch)).unwrap_or(H);
        let len = (height - 1 + (H - 1) / seen) * pitch + width.next_multiple_of(V::COUNT);
        let mut tile = TileOf {
            x: [[lines; W]; H],
            weights: [[V::splat(E::zero()); W]; H],
            bias: V::splat(if first { bias } else { E::zero() }),
            first,
            least: V::splat(if relu && last { E::zero() } else { E::neg_infinity() }),
            height,
            pitch,
            apart: self.apart,
        };
        for w in 0..W {
            for h in 0..H {
                let start = 0_usize.wrapping_add_signed(rows[h % seen].offset + columns[w].offset);
                tile.x[h][w] = &lines[start..][..len];
                tile.weights[h][w] = V::splat(weight[rows[h].weight + columns[w].weight]);
            }
        }
        // The last register of a row overlaps the one before it, unless sums are added up in memory. One that is wider than the row
        // goes on into the next, which is written later.
        let end = if first && last { width.saturating_sub(V::COUNT) } else { width };
        for column in (0..width).step_by(V::COUNT) {
            let column = column.min(end);
            match seen {
                1 => tile.down::<1>(column, self.to),
                2 => tile.down::<2>(column, self.to),
                _ => tile.down::<H>(column, self.to),
            }
        }
    }
}

/// Whether each row of taps reads the pixels below those of the one that comes so many `before` it.
#[inline(always)]
fn follow<const H: usize>(rows: &[Term; H], before: usize, pitch: usize) -> bool {
    (before..H).all(|h| rows[h].offset - rows[h - before].offset == pitch.cast_signed())
}

/// What is the same for all positions.
struct TileOf<'a, E, V, const H: usize, const W: usize> {
    /// What each tap reads, all as long as the others, so that one check of bounds is enough for all.
    x: [[&'a [E]; W]; H],
    weights: [[V; W]; H],
    /// What sums begin with.
    bias: V,
    /// Whether nothing has been written yet.
    first: bool,
    /// Below which no sum lies in the end.
    least: V,
    height: usize,
    /// From one row of positions to the next.
    pitch: usize,
    /// From one row of sums to the next.
    apart: usize,
}

impl<E: Element, V: Lanes<E>, const H: usize, const W: usize> TileOf<'_, E, V, H, W> {
    /// A register of each row, one below the other. Of the rows of taps each reads the pixels below those of the `S`th before it:
    /// they are read once, for all the sums in which they stand.
    #[inline(always)]
    fn down<const S: usize>(&self, column: usize, to: &mut [E]) {
        // The sum of this row and, as far as their first pixels have been read, of the next ones.
        let mut sums = [self.bias; SIDE];
        let mut at = column;
        for read in 0..H - S {
            self.add::<S>(&mut sums, read, at);
        }
        for row in 0..self.height {
            for read in H - S..H {
                self.add::<S>(&mut sums, read, at);
            }
            let to = &mut to[row * self.apart + column..];
            let sum = if self.first { sums[0] } else { sums[0].add(V::load_first(to)) };
            sum.at_least(self.least).store_first(to);
            sums = [sums[1], sums[2], self.bias];
            at += self.pitch;
        }
    }

    /// Adds the products with the pixels in row `read` of those that the sums of this row stand for, which begin at `at`.
    #[inline(always)]
    fn add<const S: usize>(&self, sums: &mut [V; SIDE], read: usize, at: usize) {
        for w in 0..W {
            let x = V::load(self.x[read % S][w], at + read / S * self.pitch);
            for index in 0..=read / S {
                sums[index] = sums[index].multiply_add(x, self.weights[read - index * S][w]);
            }
        }
    }
}
