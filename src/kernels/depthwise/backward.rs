//! Gradients.

use super::forward::Sums;
use super::lines::{Term, Terms};
use super::tiles::{Tile, tiles};
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
        let (pixels, positions, channels) = (window.pixels(), window.positions(), window.channels);
        let (lanes, scratch) = scratch.split_at_mut(depthwise.lanes_len());
        let (lines, scratch) = scratch.split_at_mut(depthwise.phases() * depthwise.x_len());
        let (dy_line, planes) = scratch.split_at_mut(depthwise.dy_len());
        lines.fill(E::zero());
        dy_line.fill(E::zero());
        let [rows, columns] = depthwise.forward_terms();
        let lead = depthwise.dy_lead();
        for channel in 0..channels {
            let taps = channel * window.taps()..(channel + 1) * window.taps();
            lanes.fill(E::zero());
            // The same channel of each sample.
            for image in (channel..x.len() / pixels).step_by(channels) {
                depthwise.lay_out::<E, V>(&x[image * pixels..][..pixels], lines);
                let dy = (&dy[image * positions..][..positions], window.output[1]);
                depthwise.copy_rows::<E, V>(dy, &mut dy_line[lead..], depthwise.pitch);
                let dy = &dy_line[lead..][..depthwise.positions().next_multiple_of(V::COUNT)];
                let products = Products { taps: window.taps(), lines, dy, lanes: &mut *lanes };
                tiles::<E, V>(products, &rows, &columns);
                if let Some(dx) = &mut dx {
                    let dx = &mut dx[image * pixels..][..pixels];
                    depthwise.input_gradient::<E, V>(&weight[taps.clone()], dy_line, planes, dx);
                }
            }
            let totals = add_lanes::<E, V>(lanes);
            for (tap, d_weight) in d_weight[taps].iter_mut().enumerate() {
                *d_weight += totals[tap];
            }
            if let Some(d_bias) = d_bias.get_mut(channel) {
                *d_bias += totals[window.taps()];
            }
        }
    }
}

/// Adds up the lanes of each register, and puts the sums at the front.
#[inline(always)]
fn add_lanes<E: Element, V: Lanes<E>>(lanes: &mut [E]) -> &[E] {
    let registers = lanes.len() / WIDEST;
    for first in (0..registers).step_by(V::COUNT) {
        let mut some = [V::splat(E::zero()); WIDEST];
        for index in 0..V::COUNT {
            some[index] = V::load(lanes, (first + index) * WIDEST);
        }
        sum_lanes(some).store(lanes, first);
    }
    lanes
}

impl Depthwise {
    /// dx, phase by phase.
    #[inline(always)]
    fn input_gradient<E: Element, V: Lanes<E>>(&self, weight: &[E], dy_line: &[E], planes: &mut [E], dx: &mut [E]) {
        let [down, across] = self.window.stride;
        for row in 0..down {
            for column in 0..across {
                let terms = self.backward_terms([row, column]);
                let phase = (row * across + column) * self.plane_len();
                let plane = &mut planes[phase..][..self.plane_len()];
                let sums = Sums {
                    weight,
                    bias: E::zero(),
                    lines: dy_line,
                    relu: false,
                    pitch: self.pitch,
                    grid: [self.rows, self.columns()],
                };
                if self.phases() == 1 && terms.iter().all(Terms::fit_a_tile) {
                    return sums.write::<V>(&terms, dx, self.window.input[1]);
                }
                if terms.iter().any(Terms::are_none) {
                    plane.fill(E::zero()); // seen by no tap
                }
                sums.write::<V>(&terms, plane, self.plane_pitch());
            }
        }
        self.collect::<E, V>(planes, dx);
    }

    /// Where the taps that see a phase of x have read it: at what positions of dy.
    #[inline(always)]
    fn backward_terms(&self, phase: [usize; 2]) -> [Terms; 2] {
        let [height, width] = self.window.kernel;
        let (mut rows, mut columns) = (Terms::NONE, Terms::NONE);
        // The last first, so that they follow each other downwards in dy.
        for index in (0..height).rev() {
            let tap = self.tap(0, index);
            if tap.phase == phase[0] {
                let offset = self.dy_lead().cast_signed() - tap.shift * self.pitch.cast_signed();
                rows.push(Term { offset, weight: index * width });
            }
        }
        for index in 0..width {
            let tap = self.tap(1, index);
            if tap.phase == phase[1] {
                columns.push(Term { offset: -tap.shift, weight: index });
            }
        }
        [rows, columns]
    }
}

/// One channel: Σ over positions of dy · lines\[p + offset of tap\], for each tap, and behind them Σ dy; their lanes are added up
/// later.
struct Products<'a, E> {
    taps: usize,
    lines: &'a [E],
    dy: &'a [E],
    lanes: &'a mut [E],
}

impl<E: Element, V: Lanes<E>> Tile<E, V> for Products<'_, E> {
    #[inline(always)]
    fn run<const H: usize, const W: usize>(&mut self, rows: &[Term; H], columns: &[Term; W], [first, _]: [bool; 2]) {
        let mut x = [[self.lines; W]; H];
        let mut sums = [[V::splat(E::zero()); W]; H];
        for w in 0..W {
            for h in 0..H {
                let start = 0_usize.wrapping_add_signed(rows[h].offset + columns[w].offset);
                // All as long as dy, so that one check of bounds is enough for all.
                x[h][w] = &self.lines[start..][..self.dy.len()];
                sums[h][w] = V::load(self.lanes, (rows[h].weight + columns[w].weight) * WIDEST);
            }
        }
        let mut all = V::load(self.lanes, self.taps * WIDEST);
        for at in (0..self.dy.len()).step_by(V::COUNT) {
            let dy = V::load(self.dy, at);
            all = all.add(dy);
            for w in 0..W {
                for h in 0..H {
                    sums[h][w] = sums[h][w].multiply_add(dy, V::load(x[h][w], at));
                }
            }
        }
        for w in 0..W {
            for h in 0..H {
                sums[h][w].store(self.lanes, (rows[h].weight + columns[w].weight) * WIDEST);
            }
        }
        if first {
            all.store(self.lanes, self.taps * WIDEST);
        }
    }
}
