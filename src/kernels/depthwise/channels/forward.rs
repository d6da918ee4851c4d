//! Outputs, and by the same loops the gradient of the input where there is no stride.

use crate::element::Element;
use crate::kernels::depthwise::lines::{Term, Terms};
use crate::kernels::depthwise::tiles::{Tile, tiles};
use crate::kernels::depthwise::{Depthwise, Kernel, Lanes};
use crate::kernels::squares::{Place, collect, spread};
use crate::kernels::window::Window2d;
use crate::layer::Layout;

/// A batch.
pub(in crate::kernels::depthwise) struct Forward<'a, E> {
    pub(in crate::kernels::depthwise) depthwise: &'a Depthwise,
    pub(in crate::kernels::depthwise) weight: &'a [E],
    pub(in crate::kernels::depthwise) bias: &'a [E],
    pub(in crate::kernels::depthwise) x: &'a [E],
    pub(in crate::kernels::depthwise) y: &'a mut [E],
    pub(in crate::kernels::depthwise) relu: bool,
    pub(in crate::kernels::depthwise) scratch: &'a mut [E],
}

impl<E: Element> Kernel<E> for Forward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { depthwise, weight, bias, x, y, relu, scratch } = self;
        let (window, layouts, at_once) = (&depthwise.window, depthwise.layouts, depthwise.rows_at_once());
        let (pixels, positions, taps) = (window.pixels(), window.positions(), window.taps());
        let [height, width] = window.output;
        let rooms = [depthwise.rows_seen(at_once), at_once * width];
        let ([image, turned, weights], _) = depthwise.rooms(scratch, rooms, V::COUNT);
        let terms = depthwise.channel_terms(V::COUNT);
        image.fill(E::zero());
        for first in (0..window.channels).step_by(V::COUNT) {
            let count = V::COUNT.min(window.channels - first);
            spread::<E, V>((&weight[first * taps..], taps), taps, weights, Place::ROW);
            let bias = if bias.is_empty() { V::splat(E::zero()) } else { V::load_first(&bias[first..]) };
            let least = V::splat(if relu { E::zero() } else { E::neg_infinity() });
            let sums = Sums { depthwise, terms: &terms, weights, bias, least };
            let samples = x.chunks_exact(window.input_len());
            for (x, y) in samples.zip(y.chunks_exact_mut(window.channels * positions)) {
                let (x, y) = (&x[first * pixels..], &mut y[first * positions..][..count * positions]);
                for row in (0..height).step_by(at_once) {
                    depthwise.pad::<E, V>(x, row * window.stride[0], image);
                    let (at, length) = (row * width, at_once.min(height - row) * width);
                    match layouts.y {
                        Layout::Interleaved => sums.write(image, &mut y[at * V::COUNT..][..length * V::COUNT]),
                        Layout::Planar => {
                            sums.write(image, &mut turned[..length * V::COUNT]);
                            collect::<E, V, false>(turned, Place::ROW, (&mut y[at..], positions), length);
                        }
                    }
                }
            }
        }
    }
}

impl Depthwise {
    /// Brings pixels of some channels between the zeros around them, as far as they lie in the padded rows from `first` on.
    #[inline(always)]
    fn pad<E: Element, V: Lanes<E>>(&self, x: &[E], first: usize, padded: &mut [E]) {
        let Window2d { input: [height, width], padding: [above, left], .. } = self.window;
        let pitch = self.padded()[1] * V::COUNT;
        let end = first + self.rows_seen(self.rows_at_once());
        let rows = first.clamp(above, above + height)..end.clamp(above, above + height);
        let zeros = above.clamp(first, end) - first;
        if self.rows_at_once() < self.window.output[0] {
            // Other rows have been there before.
            padded[..zeros * pitch].fill(E::zero());
            padded[(zeros + rows.len()) * pitch..].fill(E::zero());
        }
        if rows.is_empty() {
            return;
        }
        let start = zeros * pitch + left * V::COUNT;
        match self.layouts.x {
            Layout::Planar => {
                let x = (&x[(rows.start - above) * width..], height * width);
                spread::<E, V>(x, rows.len() * width, padded, Place { start, ..self.inside(V::COUNT) });
            }
            Layout::Interleaved => {
                let x = x[(rows.start - above) * width * V::COUNT..].chunks_exact(width * V::COUNT);
                for (x, padded) in x.zip(padded[start..].chunks_mut(pitch)).take(rows.len()) {
                    for (x, padded) in x.chunks_exact(V::COUNT).zip(padded.chunks_exact_mut(V::COUNT)) {
                        V::load(x, 0).store(padded, 0);
                    }
                }
            }
        }
    }
}

/// What is the same for all positions of some channels.
pub(super) struct Sums<'a, E, V> {
    pub(super) depthwise: &'a Depthwise,
    pub(super) terms: &'a [Terms; 2],
    pub(super) weights: &'a [E],
    pub(super) bias: V,
    /// Below which no sum lies in the end.
    pub(super) least: V,
}

impl<E: Element, V: Lanes<E>> Sums<'_, E, V> {
    /// Writes rows of positions, of which the first sees the first row of a padded image.
    #[inline(always)]
    pub(super) fn write(&self, image: &[E], output: &mut [E]) {
        let [down, across] = self.terms;
        if self.depthwise.window.dilation[1] == 1 {
            return tiles::<E, V>(Rows { sums: self, image, output, ends: [true; 2] }, down, across);
        }
        // Columns that do not lie side by side, one by one.
        for (index, &column) in across.each().iter().enumerate() {
            let (mut one, ends) = (Terms::NONE, [index == 0, index + 1 == across.count]);
            one.push(column);
            tiles::<E, V>(Rows { sums: self, image, output: &mut *output, ends }, down, &one);
        }
    }
}

/// Some rows of positions.
struct Rows<'a, E, V> {
    sums: &'a Sums<'a, E, V>,
    image: &'a [E],
    output: &'a mut [E],
    /// Whether the first columns and the last ones are among those that the tiles have.
    ends: [bool; 2],
}

impl<E: Element, V: Lanes<E>> Tile<E, V> for Rows<'_, E, V> {
    #[inline(always)]
    fn run<const H: usize, const W: usize>(&mut self, rows: &[Term; H], columns: &[Term; W], ends: [bool; 2]) {
        let Sums { depthwise, weights, bias, least, .. } = *self.sums;
        let Window2d { output: [_, width], stride: [down, across], .. } = depthwise.window;
        let [first, last] = [ends[0] && self.ends[0], ends[1] && self.ends[1]];
        let least = if last { least } else { V::splat(E::neg_infinity()) };
        let (mut x, mut taps) = ([self.image; H], [[bias; W]; H]);
        let reach = self.image.len() - (rows[H - 1].offset + columns[0].offset).cast_unsigned();
        for h in 0..H {
            // All as long as the others, so that one check of bounds is enough for all.
            x[h] = &self.image[(rows[h].offset + columns[0].offset).cast_unsigned()..][..reach];
            for w in 0..W {
                taps[h][w] = V::load(weights, (rows[h].weight + columns[w].weight) * V::COUNT);
            }
        }
        for (row, output) in self.output.chunks_exact_mut(width * V::COUNT).enumerate() {
            let mut at = row * down * depthwise.padded()[1] * V::COUNT;
            for output in output.chunks_exact_mut(V::COUNT) {
                let mut sum = if first { bias } else { V::load(output, 0) };
                for h in 0..H {
                    let x = &x[h][at..][..W * V::COUNT];
                    for w in 0..W {
                        sum = sum.multiply_add(V::load(x, w * V::COUNT), taps[h][w]);
                    }
                }
                sum.at_least(least).store(output, 0);
                at += across * V::COUNT;
            }
        }
    }
}
