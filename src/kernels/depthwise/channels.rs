//! Lanes along the channels: a pixel of as many channels as a register has lanes lies in one of them.
//!
//! Squares of channels and pixels are turned around on the way in and out. In between every register is aligned, windows may
//! be of any kind, and gradients of weights are never added up across lanes.

use super::lines::{Term, Terms};
use super::tiles::{Tile, tiles};
use super::{Depthwise, Kernel, Lanes};
use crate::element::Element;
use crate::kernels::simd::WIDEST;
use crate::kernels::squares::{Place, collect, spread};
use crate::kernels::window::Window2d;

impl Depthwise {
    /// Rows and columns of the padded image: with all that a window sees.
    #[inline(always)]
    const fn padded(&self) -> [usize; 2] {
        [self.padded_along(0), self.padded_along(1)]
    }

    #[inline(always)]
    const fn padded_along(&self, axis: usize) -> usize {
        let Window2d { input, kernel, stride, padding, dilation, output, .. } = self.window;
        let seen = (output[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
        let held = padding[axis] + input[axis];
        if seen > held { seen } else { held }
    }

    /// Where the image lies in its padding.
    #[inline(always)]
    fn inside(&self, lanes: usize) -> Place {
        let [_, pitch] = self.padded();
        let Window2d { input: [_, width], padding: [above, left], .. } = self.window;
        Place { start: (above * pitch + left) * lanes, width, skip: (pitch - width) * lanes }
    }

    /// The convolution of dy with the taps turned around that gives dx; none with a stride.
    const fn mirrored(&self) -> Option<Self> {
        let Window2d { input, kernel, stride, padding, dilation, output, .. } = self.window;
        let seen = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)];
        if stride[0] * stride[1] > 1 || padding[0] > seen[0] || padding[1] > seen[1] {
            return None;
        }
        let padding = [seen[0] - padding[0], seen[1] - padding[1]];
        Some(Self { window: Window2d { input: output, padding, output: input, ..self.window }, ..*self })
    }

    /// Registers of an output, or of its gradient with what the mirrored convolution sees around it.
    const fn output_registers(&self) -> usize {
        match self.mirrored() {
            Some(mirrored) => mirrored.padded()[0] * mirrored.padded()[1],
            None => self.window.positions(),
        }
    }

    /// Values of scratch for either direction.
    pub(super) const fn channel_scratch_len(&self) -> usize {
        let ([rows, columns], taps) = (self.padded(), self.window.taps());
        (2 * rows * columns + self.output_registers() + 2 * taps) * WIDEST + WIDEST
    }

    /// Values of scratch for the forward pass.
    pub(super) const fn channel_forward_len(&self) -> usize {
        let ([rows, columns], taps) = (self.padded(), self.window.taps());
        (rows * columns + self.window.positions() + taps) * WIDEST + WIDEST
    }

    /// The parts of aligned scratch: an image, so many registers of outputs, and weights; and what lies behind them.
    fn rooms<'a, E: Element>(
        &self,
        scratch: &'a mut [E],
        outputs: usize,
        lanes: usize,
    ) -> ([&'a mut [E]; 3], &'a mut [E]) {
        let ([rows, columns], taps) = (self.padded(), self.window.taps());
        let start = scratch.as_ptr().align_offset(64).min(WIDEST);
        let (x, rest) = scratch[start..].split_at_mut(rows * columns * lanes);
        let (y, rest) = rest.split_at_mut(outputs * lanes);
        let (weight, rest) = rest.split_at_mut(taps * lanes);
        ([x, y, weight], rest)
    }
}

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
        let (pixels, positions, taps) = (window.pixels(), window.positions(), window.taps());
        let ([image, output, weights], _) = depthwise.rooms(scratch, positions, V::COUNT);
        image.fill(E::zero());
        let inside = depthwise.inside(V::COUNT);
        for first in (0..window.channels).step_by(V::COUNT) {
            let count = V::COUNT.min(window.channels - first);
            spread::<E, V>(&weight[first * taps..], taps, weights, Place::ROW);
            let bias = if bias.is_empty() { V::splat(E::zero()) } else { V::load_first(&bias[first..]) };
            let samples = x.chunks_exact(window.input_len());
            for (x, y) in samples.zip(y.chunks_exact_mut(window.channels * positions)) {
                spread::<E, V>(&x[first * pixels..], pixels, image, inside);
                Positions { depthwise, weights, bias, image, relu }.all(output);
                collect::<E, V, false>(output, Place::ROW, &mut y[first * positions..][..count * positions], positions);
            }
        }
    }
}

/// Some channels of one sample.
struct Positions<'a, E, V> {
    depthwise: &'a Depthwise,
    weights: &'a [E],
    bias: V,
    image: &'a [E],
    relu: bool,
}

impl<E: Element, V: Lanes<E>> Positions<'_, E, V> {
    #[inline(always)]
    fn all(&self, output: &mut [E]) {
        let Window2d { output: [_, width], stride: [down, across], .. } = self.depthwise.window;
        let [_, pitch] = self.depthwise.padded();
        for (row, output) in output.chunks_exact_mut(width * V::COUNT).enumerate() {
            let start = row * down * pitch * V::COUNT;
            match across {
                1 => self.row::<1>(start, output),
                2 => self.row::<2>(start, output),
                _ => {
                    for (column, output) in output.chunks_exact_mut(V::COUNT).enumerate() {
                        self.block::<1, 1>(start + column * across * V::COUNT, output);
                    }
                }
            }
        }
    }

    /// A row of the output, whose windows lie `S` pixels apart, in blocks of as many positions as fit.
    #[inline(always)]
    fn row<const S: usize>(&self, start: usize, output: &mut [E]) {
        match output.len() / V::COUNT {
            8.. => self.blocks::<8, S>(start, output),
            6.. => self.blocks::<6, S>(start, output),
            3.. => self.blocks::<3, S>(start, output),
            _ => self.blocks::<1, S>(start, output),
        }
    }

    #[inline(always)]
    fn blocks<const B: usize, const S: usize>(&self, start: usize, output: &mut [E]) {
        // The last block overlaps the one before it.
        let last = output.len() / V::COUNT - B;
        for first in (0..last + B).step_by(B) {
            let first = first.min(last) * V::COUNT;
            self.block::<B, S>(start + first * S, &mut output[first..]);
        }
    }

    /// `B` positions, the first of whose windows begins at `start`.
    #[inline(always)]
    fn block<const B: usize, const S: usize>(&self, start: usize, output: &mut [E]) {
        let Window2d { kernel: [_, width], dilation: [down, across], .. } = self.depthwise.window;
        let [_, pitch] = self.depthwise.padded();
        let mut sums = [self.bias; B];
        let mut row = start;
        for weights in self.weights.chunks_exact(width * V::COUNT) {
            let mut from = row;
            for tap in 0..width {
                let weight = V::load(weights, tap * V::COUNT);
                let x = &self.image[from..][..((B - 1) * S + 1) * V::COUNT];
                for index in 0..B {
                    sums[index] = sums[index].multiply_add(V::load(x, index * S * V::COUNT), weight);
                }
                from += across * V::COUNT;
            }
            row += down * pitch * V::COUNT;
        }
        for index in 0..B {
            let sum = if self.relu { sums[index].relu() } else { sums[index] };
            sum.store(output, index * V::COUNT);
        }
    }
}

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
        let (pixels, positions, taps) = (window.pixels(), window.positions(), window.taps());
        let ([image, output, weights], gradients) = depthwise.rooms(scratch, depthwise.output_registers(), V::COUNT);
        let (d_image, rest) = gradients.split_at_mut(image.len());
        let d_weights = &mut rest[..weights.len()];
        image.fill(E::zero());
        output.fill(E::zero());
        let (inside, [rows, columns]) = (depthwise.inside(V::COUNT), depthwise.channel_terms(V::COUNT));
        let mirrored = depthwise.mirrored();
        let (dy_inside, dy_pitch) = match &mirrored {
            Some(mirrored) => (mirrored.inside(V::COUNT), mirrored.padded()[1] * V::COUNT),
            None => (Place::ROW, window.output[1] * V::COUNT),
        };
        for first in (0..window.channels).step_by(V::COUNT) {
            let count = V::COUNT.min(window.channels - first);
            spread::<E, V>(&weight[first * taps..], taps, weights, Place::ROW);
            if mirrored.is_some() {
                for tap in 0..taps / 2 {
                    let [at, other] = [tap, taps - 1 - tap].map(|tap| tap * V::COUNT);
                    let [one, another] = [V::load(weights, at), V::load(weights, other)];
                    one.store(weights, other);
                    another.store(weights, at);
                }
            }
            spread::<E, V>(&d_weight[first * taps..], taps, d_weights, Place::ROW);
            let mut sum = V::splat(E::zero());
            for sample in 0..x.len() / window.input_len() {
                let channel = sample * window.channels + first;
                spread::<E, V>(&x[channel * pixels..], pixels, image, inside);
                spread::<E, V>(&dy[channel * positions..], positions, output, dy_inside);
                for at in (0..output.len()).step_by(V::COUNT) {
                    sum = sum.add(V::load(output, at)); // zeros around dy among them
                }
                let (dy, adds) = (&output[dy_inside.start..], dx.is_some() && mirrored.is_none());
                let to = if adds { &mut *d_image } else { &mut [] };
                to.fill(E::zero());
                let gradients =
                    Gradients { depthwise, weights, image, dy, dy_pitch, d_weights: &mut *d_weights, d_image: to };
                tiles::<E, V>(gradients, &rows, &columns);
                let Some(dx) = &mut dx else { continue };
                let dx = &mut dx[channel * pixels..][..count * pixels];
                if let Some(mirrored) = &mirrored {
                    let gradient = Positions {
                        depthwise: mirrored,
                        weights,
                        bias: V::splat(E::zero()),
                        image: output,
                        relu: false,
                    };
                    gradient.all(&mut d_image[..pixels * V::COUNT]);
                    collect::<E, V, false>(d_image, Place::ROW, dx, pixels);
                } else {
                    collect::<E, V, false>(d_image, inside, dx, pixels);
                }
            }
            collect::<E, V, false>(d_weights, Place::ROW, &mut d_weight[first * taps..][..count * taps], taps);
            if !d_bias.is_empty() {
                let d_bias = &mut d_bias[first..];
                V::load_first(d_bias).add(sum).store_first(d_bias);
            }
        }
    }
}

impl Depthwise {
    /// Where the taps lie from the first of a window on.
    #[inline(always)]
    fn channel_terms(&self, lanes: usize) -> [Terms; 2] {
        let Window2d { kernel: [height, width], dilation: [down, across], .. } = self.window;
        let (mut rows, mut columns) = (Terms::NONE, Terms::NONE);
        for index in 0..height {
            let offset = (index * down * self.padded()[1] * lanes).cast_signed();
            rows.push(Term { offset, weight: index * width });
        }
        for index in 0..width {
            columns.push(Term { offset: (index * across * lanes).cast_signed(), weight: index });
        }
        [rows, columns]
    }
}

/// Some channels of one sample.
struct Gradients<'a, E> {
    depthwise: &'a Depthwise,
    weights: &'a [E],
    image: &'a [E],
    /// From the first position on, with so many values from one row to the next.
    dy: &'a [E],
    dy_pitch: usize,
    d_weights: &'a mut [E],
    /// Added to, if it is asked for; where the mirrored convolution gives dx, it is not.
    d_image: &'a mut [E],
}

impl<E: Element, V: Lanes<E>> Tile<E, V> for Gradients<'_, E> {
    #[inline(always)]
    fn run<const H: usize, const W: usize>(&mut self, rows: &[Term; H], columns: &[Term; W], _ends: [bool; 2]) {
        let Window2d { output: [height, width], stride: [down, across], .. } = self.depthwise.window;
        let [_, pitch] = self.depthwise.padded();
        let zeros = [[V::splat(E::zero()); W]; H];
        let (mut weights, mut sums, mut offsets) = (zeros, zeros, [[0; W]; H]);
        for h in 0..H {
            for w in 0..W {
                let tap = (rows[h].weight + columns[w].weight) * V::COUNT;
                weights[h][w] = V::load(self.weights, tap);
                sums[h][w] = V::load(self.d_weights, tap);
                offsets[h][w] = (rows[h].offset + columns[w].offset).cast_unsigned();
            }
        }
        for row in 0..height {
            let dy = &self.dy[row * self.dy_pitch..][..width * V::COUNT];
            let mut start = row * down * pitch * V::COUNT;
            for at in (0..dy.len()).step_by(V::COUNT) {
                let dy = V::load(dy, at);
                for h in 0..H {
                    for w in 0..W {
                        sums[h][w] = sums[h][w].multiply_add(dy, V::load(self.image, start + offsets[h][w]));
                    }
                }
                if !self.d_image.is_empty() {
                    for h in 0..H {
                        for w in 0..W {
                            let at = start + offsets[h][w];
                            V::load(self.d_image, at).multiply_add(dy, weights[h][w]).store(self.d_image, at);
                        }
                    }
                }
                start += across * V::COUNT;
            }
        }
        for h in 0..H {
            for w in 0..W {
                sums[h][w].store(self.d_weights, (rows[h].weight + columns[w].weight) * V::COUNT);
            }
        }
    }
}
