//! Outputs, and by the same loops the gradient of the input.

use super::lines::{Edges, Term, Terms};
use super::tiles::{Tile, tiles};
use super::{Depthwise, Kernel, Lanes, REGISTERS};
use crate::element::Element;
use crate::kernels::simd::WIDEST;

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
        let (edges, scratch) = scratch.split_at_mut(depthwise.edges_len());
        let (lines, plane) = scratch.split_at_mut(depthwise.phases() * depthwise.x_len());
        lines.fill(E::zero());
        let [rows, columns] = depthwise.forward_terms();
        let edges = depthwise.edges(edges);
        let images = x.chunks_exact(window.pixels()).zip(y.chunks_exact_mut(window.positions()));
        let mut channel = 0;
        for (x, y) in images {
            depthwise.lay_out::<E, V>(x, lines);
            let weight = &weight[channel * window.taps()..][..window.taps()];
            let bias = bias.get(channel).copied().unwrap_or_default();
            if depthwise.pitch == window.output[1] {
                tiles::<E, V>(Sums { edges, weight, bias, lines, relu, to: y }, &rows, &columns);
            } else {
                let to = &mut plane[..depthwise.positions()];
                tiles::<E, V>(Sums { edges, weight, bias, lines, relu, to }, &rows, &columns);
                depthwise.copy_rows::<E, V>((plane, depthwise.pitch), y, window.output[1]);
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
            rows.push(Term { offset, weight: index * width, shift: 0 });
        }
        for index in 0..width {
            let tap = self.tap(1, index);
            let offset = tap.phase.cast_signed() * len + tap.shift + self.x_lead().cast_signed();
            columns.push(Term { offset, weight: index, shift: tap.shift });
        }
        [rows, columns]
    }
}

/// One channel: bias + Σ over taps of weight · lines\[p + offset of tap\], for all positions p from 0 on.
pub(super) struct Sums<'a, E> {
    pub(super) edges: Edges<'a, E>,
    pub(super) weight: &'a [E],
    pub(super) bias: E,
    pub(super) lines: &'a [E],
    pub(super) relu: bool,
    pub(super) to: &'a mut [E],
}

impl<E: Element, V: Lanes<E>> Tile<E, V> for Sums<'_, E> {
    #[inline(always)]
    fn run<const H: usize, const W: usize>(&mut self, rows: &[Term; H], columns: &[Term; W], ends: [bool; 2]) {
        let mut tile = TileOf {
            x: [[self.lines; W]; H],
            weights: [[V::splat(E::zero()); W]; H],
            bounds: [V::splat(E::zero()); W],
            edges: [&[][..]; W],
            bias: if ends[0] { Some(V::splat(self.bias)) } else { None },
            relu: self.relu && ends[1],
        };
        for w in 0..W {
            (tile.edges[w], tile.bounds[w]) = self.edges.of(columns[w].shift);
            for h in 0..H {
                let start = 0_usize.wrapping_add_signed(rows[h].offset + columns[w].offset);
                tile.x[h][w] = &self.lines[start..][..self.to.len() + WIDEST];
                tile.weights[h][w] = V::splat(self.weight[rows[h].weight + columns[w].weight]);
            }
        }
        let (pitch, steps) =
            (self.edges.pitch, [REGISTERS, 1].map(|registers| registers * V::COUNT % self.edges.pitch));
        let (mut at, mut column, whole) = (0, 0, self.to.len() / V::COUNT * V::COUNT);
        if ends == [true; 2] && follow(rows, pitch) && 4 * pitch >= 3 * V::COUNT {
            while at + REGISTERS * pitch <= self.to.len() {
                // The last register of a row overlaps the one before it, or the next row where it is wider than one.
                for first in (0..pitch).step_by(V::COUNT) {
                    let column = first.min(pitch.saturating_sub(V::COUNT));
                    tile.column::<REGISTERS>(at + column, column, pitch, self.to);
                }
                at += REGISTERS * pitch;
            }
        }
        while at + REGISTERS * V::COUNT <= whole {
            tile.block::<REGISTERS>(at, column, self.to);
            at += REGISTERS * V::COUNT;
            column = self.edges.behind(column, steps[0]);
        }
        while at < self.to.len() {
            tile.block::<1>(at, column, self.to);
            at += V::COUNT;
            column = self.edges.behind(column, steps[1]);
        }
    }
}

/// Whether each row of taps reads the pixels below those of the one before.
#[inline(always)]
fn follow<const H: usize>(rows: &[Term; H], pitch: usize) -> bool {
    let mut follow = H > 1;
    for h in 1..H {
        follow &= rows[h].offset - rows[h - 1].offset == pitch.cast_signed();
    }
    follow
}

/// What is the same for all positions.
struct TileOf<'a, E, V, const H: usize, const W: usize> {
    /// What each tap reads, all as long as the others, so that one check of bounds is enough for all.
    x: [[&'a [E]; W]; H],
    weights: [[V; W]; H],
    edges: [&'a [E]; W],
    bounds: [V; W],
    /// What the sums begin with; none where they have been begun.
    bias: Option<V>,
    relu: bool,
}

impl<E: Element, V: Lanes<E>, const H: usize, const W: usize> TileOf<'_, E, V, H, W> {
    /// `B` registers below each other, from `at` on, in column `column`: most of what they read is read for the one above, too. For
    /// rows of taps that [`follow`] each other and begin the sums.
    #[inline(always)]
    fn column<const B: usize>(&self, at: usize, column: usize, pitch: usize, to: &mut [E]) {
        let zero = V::splat(E::zero());
        let mut sums = [self.bias.unwrap_or(zero); B];
        for w in 0..W {
            let mut part = [zero; B];
            for row in 0..B {
                let x = V::load(self.x[0][w], at + row * pitch);
                for h in 0..H {
                    if h <= row {
                        part[row - h] = part[row - h].multiply_add(x, self.weights[h][w]);
                    }
                }
            }
            for below in 1..H {
                let x = V::load(self.x[below][w], at + (B - 1) * pitch);
                for h in below..H {
                    let row = B - 1 + below - h;
                    part[row] = part[row].multiply_add(x, self.weights[h][w]);
                }
            }
            let edge = V::load(self.edges[w], column);
            for index in 0..B {
                sums[index] = edge.where_at_most(self.bounds[w], sums[index].add(part[index]), sums[index]);
            }
        }
        for index in 0..B {
            let sum = if self.relu { sums[index].relu() } else { sums[index] };
            sum.store_first(&mut to[at + index * pitch..]);
        }
    }

    /// `B` registers of positions from `at` on, the first of which lies in column `column`. They are whole if there are more
    /// than one.
    #[inline(always)]
    fn block<const B: usize>(&self, at: usize, column: usize, to: &mut [E]) {
        let to = &mut to[at..];
        let zero = V::splat(E::zero());
        let mut sums = [zero; B];
        for index in 0..B {
            sums[index] = match self.bias {
                Some(bias) => bias,
                None => V::load_first(&to[index * V::COUNT..]),
            };
        }
        for w in 0..W {
            let mut part = [zero; B];
            for h in 0..H {
                for index in 0..B {
                    let x = V::load(self.x[h][w], at + index * V::COUNT);
                    part[index] = part[index].multiply_add(x, self.weights[h][w]);
                }
            }
            for index in 0..B {
                let edge = V::load(self.edges[w], column + index * V::COUNT);
                sums[index] = edge.where_at_most(self.bounds[w], sums[index].add(part[index]), sums[index]);
            }
        }
        if self.relu {
            for index in 0..B {
                sums[index] = sums[index].relu();
            }
        }
        if B == 1 {
            sums[0].store_first(to);
        } else {
            for index in 0..B {
                sums[index].store(to, index * V::COUNT);
            }
        }
    }
}
