//! Gradients.

use super::forward::Sums;
use super::lines::{Edges, Term, Terms};
use super::{Depthwise, Kernel, Lanes};
use crate::element::Element;
use crate::kernels::simd::{WIDEST, sum_lanes};

/// A batch.
pub(super) struct Backward<'a, E> {
    pub(super) depthwise: &'a Depthwise,
    pub(super) weight: &'a [E],
    pub(super) x: &'a [E],
    pub(super) dy: &'a [E],
    pub(super) dx: Option<&'a mut [E]>,
    pub(super) d_weight: &'a mut [E],
    pub(super) d_bias: &'a mut [E],
    pub(super) scratch: &'a mut [E],
}

impl<E: Element> Kernel<E> for Backward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { depthwise, weight, x, dy, mut dx, d_weight, d_bias, scratch } = self;
        let window = &depthwise.window;
        let (edges, scratch) = scratch.split_at_mut(depthwise.edges_len());
        let (lines, scratch) = scratch.split_at_mut(depthwise.phases() * depthwise.x_len());
        let (dy_line, planes) = scratch.split_at_mut(depthwise.dy_len());
        lines.fill(E::zero());
        dy_line.fill(E::zero());
        let [rows, columns] = depthwise.forward_terms();
        let edges = depthwise.edges(edges);
        let images = x.chunks_exact(window.pixels()).zip(dy.chunks_exact(window.positions()));
        let mut channel = 0;
        for (index, (x, dy)) in images.enumerate() {
            depthwise.lay_out::<E, V>(x, lines);
            let lead = depthwise.dy_lead();
            depthwise.copy_rows::<E, V>((dy, window.output[1]), (&mut dy_line[lead..], depthwise.pitch));
            let taps = channel * window.taps()..(channel + 1) * window.taps();
            let products = Products { edges, rows: rows.each(), columns: columns.each(), lines, dy: &dy_line[lead..] };
            let d_bias = d_bias.get_mut(channel);
            products.add::<V>(depthwise.positions(), &mut d_weight[taps.clone()], d_bias);
            if let Some(dx) = &mut dx {
                let dx = &mut dx[index * window.pixels()..][..window.pixels()];
                depthwise.input_gradient::<E, V>(edges, &weight[taps], dy_line, planes, dx);
            }
            channel += 1;
            if channel == window.channels {
                channel = 0;
            }
        }
    }
}

impl Depthwise {
    /// dx, phase by phase.
    #[inline(always)]
    fn input_gradient<E: Element, V: Lanes<E>>(
        &self,
        edges: Edges<'_, E>,
        weight: &[E],
        dy_line: &[E],
        planes: &mut [E],
        dx: &mut [E],
    ) {
        let [down, across] = self.window.stride;
        for row in 0..down {
            for column in 0..across {
                let [rows, columns] = self.backward_terms([row, column]);
                let (rows, columns, bias) = (rows.each(), columns.each(), E::zero());
                let sums = Sums { edges, rows, columns, weight, bias, lines: dy_line, relu: false };
                if self.phases() == 1 && self.pixels() == dx.len() {
                    return sums.all::<V>(dx);
                }
                sums.all::<V>(&mut planes[(row * across + column) * self.plane_len()..][..self.pixels()]);
            }
        }
        self.collect::<E, V>(planes, dx);
    }

    /// Where the taps that see a phase of x have read it: at what positions of dy.
    #[inline(always)]
    fn backward_terms(&self, phase: [usize; 2]) -> [Terms; 2] {
        let [height, width] = self.window.kernel;
        let (mut rows, mut columns) = (Terms::NONE, Terms::NONE);
        for index in 0..height {
            let tap = self.tap(0, index);
            if tap.phase == phase[0] {
                let offset = self.dy_lead().cast_signed() - tap.shift * self.pitch.cast_signed();
                rows.push(Term { offset, weight: index * width, shift: 0 });
            }
        }
        for index in 0..width {
            let tap = self.tap(1, index);
            if tap.phase == phase[1] {
                columns.push(Term { offset: -tap.shift, weight: index, shift: -tap.shift });
            }
        }
        [rows, columns]
    }
}

/// One channel: Σ over positions of dy · lines\[p + offset of tap\], for each tap.
struct Products<'a, E> {
    edges: Edges<'a, E>,
    rows: &'a [Term],
    columns: &'a [Term],
    lines: &'a [E],
    dy: &'a [E],
}

impl<E: Element> Products<'_, E> {
    /// Adds them to the gradients, blocks of 3×3 taps at a time.
    #[inline(always)]
    fn add<V: Lanes<E>>(&self, positions: usize, d_weight: &mut [E], mut d_bias: Option<&mut E>) {
        let (height, width) = (self.rows.len(), self.columns.len());
        let mut row = 0;
        while row < height {
            let mut column = 0;
            while column < width {
                let d_bias = d_bias.take();
                if row + 3 <= height && column + 3 <= width {
                    self.block::<V, 3, 3>([row, column], positions, d_weight, d_bias);
                } else if column + 3 <= width {
                    self.block::<V, 1, 3>([row, column], positions, d_weight, d_bias);
                } else if row + 3 <= height {
                    self.block::<V, 3, 1>([row, column], positions, d_weight, d_bias);
                } else {
                    self.block::<V, 1, 1>([row, column], positions, d_weight, d_bias);
                }
                column += if column + 3 <= width { 3 } else { 1 };
            }
            row += if row + 3 <= height { 3 } else { 1 };
        }
    }

    /// Those of `H` × `W` taps, and Σ dy.
    #[inline(always)]
    fn block<V: Lanes<E>, const H: usize, const W: usize>(
        &self,
        [row, column]: [usize; 2],
        positions: usize,
        d_weight: &mut [E],
        d_bias: Option<&mut E>,
    ) {
        let mut totals = [E::zero(); 2 * WIDEST];
        let (rows, columns) = (&self.rows[row..][..H], &self.columns[column..][..W]);
        self.sums::<V, H, W>(rows, columns, positions, &mut totals);
        for h in 0..H {
            for w in 0..W {
                d_weight[rows[h].weight + columns[w].weight] += totals[h * W + w];
            }
        }
        if let Some(d_bias) = d_bias {
            *d_bias += totals[H * W];
        }
    }

    #[inline(always)]
    fn sums<V: Lanes<E>, const H: usize, const W: usize>(
        &self,
        rows: &[Term],
        columns: &[Term],
        positions: usize,
        totals: &mut [E; 2 * WIDEST],
    ) {
        let reach = positions.next_multiple_of(V::COUNT);
        let mut x = [[self.lines; W]; H];
        for h in 0..H {
            for w in 0..W {
                x[h][w] = &self.lines[0_usize.wrapping_add_signed(rows[h].offset + columns[w].offset)..][..reach];
            }
        }
        let dy = &self.dy[..reach];
        let step = V::COUNT % self.edges.pitch();
        let mut sums = [[V::splat(E::zero()); W]; H];
        let mut bias = V::splat(E::zero());
        let (mut at, mut edge) = (0, 0);
        while at < reach {
            let dy = V::load(dy, at);
            bias = bias.add(dy);
            for w in 0..W {
                let dy = if columns[w].shift == 0 { dy } else { self.edges.within(edge, columns[w].shift, dy) };
                for h in 0..H {
                    sums[h][w] = sums[h][w].multiply_add(dy, V::load(x[h][w], at));
                }
            }
            at += V::COUNT;
            edge = self.edges.behind(edge, step);
        }
        let mut all = [V::splat(E::zero()); 2 * WIDEST];
        for h in 0..H {
            for w in 0..W {
                all[h * W + w] = sums[h][w];
            }
        }
        all[H * W] = bias;
        for first in (0..=H * W).step_by(V::COUNT) {
            let mut some = [V::splat(E::zero()); WIDEST];
            some[..V::COUNT].copy_from_slice(&all[first..][..V::COUNT]);
            sum_lanes(some).store_first(&mut totals[first..]);
        }
    }
}
