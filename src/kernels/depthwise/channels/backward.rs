//! Gradients.

use super::forward::Sums;
use crate::element::Element;
use crate::kernels::depthwise::lines::Term;
use crate::kernels::depthwise::tiles::{Tile, tiles};
use crate::kernels::depthwise::{Depthwise, Kernel, Lanes};
use crate::kernels::squares::{Place, collect, spread};
use crate::kernels::window::Window2d;

/// A batch.
pub(in crate::kernels::depthwise) struct Backward<'a, E> {
    pub(in crate::kernels::depthwise) depthwise: &'a Depthwise,
    pub(in crate::kernels::depthwise) weight: &'a [E],
    pub(in crate::kernels::depthwise) x: &'a [E],
    pub(in crate::kernels::depthwise) dy: &'a [E],
    pub(in crate::kernels::depthwise) dx: Option<&'a mut [E]>,
    pub(in crate::kernels::depthwise) d_weight: &'a mut [E],
    pub(in crate::kernels::depthwise) d_bias: &'a mut [E],
    pub(in crate::kernels::depthwise) scratch: &'a mut [E],
}

impl<E: Element> Kernel<E> for Backward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { depthwise, weight, x, dy, mut dx, d_weight, d_bias, scratch } = self;
        let window = &depthwise.window;
        let (pixels, positions, taps) = (window.pixels(), window.positions(), window.taps());
        let ([image, output, weights], gradients) =
            depthwise.rooms(scratch, [depthwise.padded()[0], depthwise.output_registers()], V::COUNT);
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
        let mirrored_terms = mirrored.unwrap_or(*depthwise).channel_terms(V::COUNT);
        for first in (0..window.channels).step_by(V::COUNT) {
            let count = V::COUNT.min(window.channels - first);
            spread::<E, V>((&weight[first * taps..], taps), taps, weights, Place::ROW);
            if mirrored.is_some() {
                for tap in 0..taps / 2 {
                    let [at, other] = [tap, taps - 1 - tap].map(|tap| tap * V::COUNT);
                    let [one, another] = [V::load(weights, at), V::load(weights, other)];
                    one.store(weights, other);
                    another.store(weights, at);
                }
            }
            spread::<E, V>((&d_weight[first * taps..], taps), taps, d_weights, Place::ROW);
            let mut sum = V::splat(E::zero());
            for sample in 0..x.len() / window.input_len() {
                let channel = sample * window.channels + first;
                spread::<E, V>((&x[channel * pixels..], pixels), pixels, image, inside);
                spread::<E, V>((&dy[channel * positions..], positions), positions, output, dy_inside);
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
                    let [bias, least] = [E::zero(), E::neg_infinity()].map(V::splat);
                    let sums = Sums { depthwise: mirrored, terms: &mirrored_terms, weights, bias, least };
                    sums.write(output, &mut d_image[..pixels * V::COUNT]);
                    collect::<E, V, false>(d_image, Place::ROW, (dx, pixels), pixels);
                } else {
                    collect::<E, V, false>(d_image, inside, (dx, pixels), pixels);
                }
            }
            let d_weight = &mut d_weight[first * taps..][..count * taps];
            collect::<E, V, false>(d_weights, Place::ROW, (d_weight, taps), taps);
            if !d_bias.is_empty() {
                let d_bias = &mut d_bias[first..];
                V::load_first(d_bias).add(sum).store_first(d_bias);
            }
        }
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
