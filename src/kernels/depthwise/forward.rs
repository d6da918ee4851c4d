//! Outputs, and by the same loops the gradient of the input.

use super::lines::{Edges, Term, Terms};
use super::{Depthwise, Kernel, Lanes, REGISTERS};
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
            let sums = Sums { edges, rows: rows.each(), columns: columns.each(), weight, bias, lines, relu };
            if depthwise.pitch == window.output[1] {
                sums.all::<V>(y);
            } else {
                sums.all::<V>(&mut plane[..depthwise.positions()]);
                depthwise.copy_rows::<E, V>((plane, depthwise.pitch), (y, window.output[1]));
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

/// One channel: bias + Σ over taps of weight · lines\[p + offset of tap\].
pub(super) struct Sums<'a, E> {
    pub(super) edges: Edges<'a, E>,
    pub(super) rows: &'a [Term],
    pub(super) columns: &'a [Term],
    pub(super) weight: &'a [E],
    pub(super) bias: E,
    pub(super) lines: &'a [E],
    pub(super) relu: bool,
}

impl<E: Element> Sums<'_, E> {
    /// Those of all positions from 0 on.
    #[inline(always)]
    pub(super) fn all<V: Lanes<E>>(&self, to: &mut [E]) {
        let (mut at, mut column) = (0, 0);
        let steps = [REGISTERS, REGISTERS / 2, 1].map(|registers| registers * V::COUNT % self.edges.pitch());
        while at < to.len() {
            let left = to.len().div_ceil(V::COUNT) - at / V::COUNT;
            let step = if left >= REGISTERS {
                self.block::<V, REGISTERS>(at, column, to);
                (REGISTERS, steps[0])
            } else if left >= REGISTERS / 2 {
                self.block::<V, { REGISTERS / 2 }>(at, column, to);
                (REGISTERS / 2, steps[1])
            } else {
                self.block::<V, 1>(at, column, to);
                (1, steps[2])
            };
            at += step.0 * V::COUNT;
            column = self.edges.behind(column, step.1);
        }
    }

    /// Those of `B` registers of positions from `at` on, the first of which lies in column `column`.
    #[inline(always)]
    fn block<V: Lanes<E>, const B: usize>(&self, at: usize, column: usize, to: &mut [E]) {
        let mut sums = [V::splat(self.bias); B];
        for column_term in self.columns {
            let mut part = [V::splat(E::zero()); B];
            for row_term in self.rows {
                let start = at.wrapping_add_signed(row_term.offset + column_term.offset);
                let from = &self.lines[start..][..B * V::COUNT];
                let weight = V::splat(self.weight[row_term.weight + column_term.weight]);
                for index in 0..B {
                    part[index] = part[index].multiply_add(V::load(from, index * V::COUNT), weight);
                }
            }
            if column_term.shift != 0 {
                for index in 0..B {
                    part[index] = self.edges.within(column + index * V::COUNT, column_term.shift, part[index]);
                }
            }
            for index in 0..B {
                sums[index] = sums[index].add(part[index]);
            }
        }
        let mut to = &mut to[at..];
        for index in 0..B {
            let sum = if self.relu { sums[index].relu() } else { sums[index] };
            sum.store_first(to);
            to = to.get_mut(V::COUNT..).unwrap_or_default();
        }
    }
}
