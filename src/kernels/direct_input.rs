//! The gradient of a direct convolution's input, which is also what a transposed convolution calculates.
//!
//! A pixel is seen by every stride-th tap alone. So the pixels that lie whole strides apart, a phase of them, are a
//! convolution of stride 1 over dy, with every stride-th tap turned around; with stride 1 there is one phase, dx itself.

use super::direct::Direct;
use super::simd::{Kernel, Lanes, Level, Processor};
use super::strided::gather;
use crate::activation::Activation;
use crate::element::Element;
use crate::layer::Layouts;

/// Along one axis, the pixels that lie whole strides apart.
#[derive(Clone, Copy)]
struct Phase {
    /// The first tap that sees them; further ones follow a stride apart.
    first_tap: usize,
    taps: usize,
    /// Zeros before dy; taps that read nothing else are counted below 0.
    padding: isize,
    pixels: usize,
}

impl Direct {
    const fn phase_along(&self, axis: usize, phase: usize) -> Phase {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let first_tap = (phase + padding) % stride;
        let taps = self.kernel[axis].saturating_sub(first_tap).div_ceil(stride);
        let padding = taps.cast_signed() - 1 - ((phase + padding) / stride).cast_signed();
        let pixels = self.input[axis].saturating_sub(phase).div_ceil(stride);
        Phase { first_tap, taps, padding, pixels }
    }

    /// The convolution over dy that gives a phase, counted row by row; none where no tap sees its pixels.
    const fn phase(&self, phase: usize) -> Option<Self> {
        let [row, column] = self.split(phase);
        if row.taps * column.taps * row.pixels * column.pixels == 0 {
            return None;
        }
        let direct = Self {
            channels: self.filters,
            input: self.output,
            filters: self.channels,
            kernel: [row.taps, column.taps],
            stride: [1, 1],
            padding: [row.padding.cast_unsigned(), column.padding.cast_unsigned()],
            output: [row.pixels, column.pixels],
            along_filters: false,
            layouts: Layouts::PLANAR,
        };
        Some(direct.in_faster_layout())
    }

    const fn split(&self, phase: usize) -> [Phase; 2] {
        [self.phase_along(0, phase / self.stride[1]), self.phase_along(1, phase % self.stride[1])]
    }

    const fn phases(&self) -> usize {
        self.stride[0] * self.stride[1]
    }

    /// Whether it can give the gradient of the input: not where dy begins with values that a whole phase does not see.
    #[must_use]
    pub const fn has_input_gradient(&self) -> bool {
        let mut phase = 0;
        while phase < self.phases() {
            let [row, column] = self.split(phase);
            if self.phase(phase).is_some() && (row.padding < 0 || column.padding < 0) {
                return false;
            }
            phase += 1;
        }
        true
    }

    /// Whether lanes run along the filters, here or on the way back: the kernels that need not be part of a program otherwise.
    #[must_use]
    pub const fn is_along_filters(&self) -> bool {
        let mut phase = 0;
        while phase < self.phases() {
            if let Some(Self { along_filters: true, .. }) = self.phase(phase) {
                return true;
            }
            phase += 1;
        }
        self.along_filters
    }

    /// Values of packed weights for all phases.
    pub(super) const fn packed_input_len(&self) -> usize {
        let (mut len, mut phase) = (0, 0);
        while phase < self.phases() {
            if let Some(direct) = self.phase(phase) {
                len += direct.packed_len();
            }
            phase += 1;
        }
        len
    }

    /// Values of a phase of dx, at most.
    const fn plane_len(&self) -> usize {
        self.channels * self.input[0].div_ceil(self.stride[0]) * self.input[1].div_ceil(self.stride[1])
    }

    /// Values of scratch for the gradient of the input.
    pub(crate) const fn input_scratch_len(&self) -> usize {
        let (mut padded, mut phase) = (0, 0);
        while phase < self.phases() {
            if let Some(direct) = self.phase(phase)
                && direct.image().padded_len() > padded
            {
                padded = direct.image().padded_len();
            }
            phase += 1;
        }
        if self.phases() == 1 { padded } else { padded + self.phases() * self.plane_len() }
    }

    /// Puts weights in the order in which [`backward_input`](Self::backward_input) reads them: channel beside channel, for each
    /// phase its taps turned around.
    pub(super) fn pack_backward<E: Element>(&self, level: Level, weight: &[E], mut packed: &mut [E]) {
        let [height, width] = self.kernel;
        for phase in 0..self.phases() {
            let Some(direct) = self.phase(phase) else { continue };
            let [row, column] = self.split(phase);
            let (to, rest) = packed.split_at_mut(direct.packed_len());
            packed = rest;
            let (taps, block) = (row.taps * column.taps, direct.block::<E>(level));
            for (filter, weight) in weight.chunks_exact(self.taps()).enumerate() {
                for (channel, weight) in weight.chunks_exact(height * width).enumerate() {
                    let mut place = (channel / block * self.filters + filter) * taps * block + channel % block;
                    for row_tap in (0..row.taps).rev() {
                        let weight = &weight[(row.first_tap + row_tap * self.stride[0]) * width..][..width];
                        for column_tap in (0..column.taps).rev() {
                            to[place] = weight[column.first_tap + column_tap * self.stride[1]];
                            place += block;
                        }
                    }
                }
            }
        }
    }

    /// dx = epilogue(bias + the gradient of the input) for each sample, with packed weights; the bias, one for each
    /// channel of dx or none, and the epilogue are those of a transposed convolution.
    pub fn backward_input<E: Element, const ALONG_FILTERS: bool>(
        &self,
        processor: Processor,
        (packed, bias): (&[E], &[E]),
        dy: &[E],
        dx: &mut [E],
        epilogue: Activation,
        scratch: &mut [E],
    ) {
        if self.phases() == 1 {
            let Some(direct) = self.phase(0) else { return };
            return direct.forward::<E, ALONG_FILTERS>(processor, (packed, bias), dy, dx, epilogue, scratch);
        }
        let (planes, scratch) = scratch.split_at_mut(self.phases() * self.plane_len());
        let outputs = dy.chunks_exact(self.filters * self.positions());
        for (dy, dx) in outputs.zip(dx.chunks_exact_mut(self.channels * self.input[0] * self.input[1])) {
            let mut packed = packed;
            for (phase, plane) in planes.chunks_exact_mut(self.plane_len()).enumerate() {
                let Some(direct) = self.phase(phase) else {
                    let [row, column] = self.split(phase);
                    fill(&mut plane[..self.channels * row.pixels * column.pixels], bias, epilogue);
                    continue;
                };
                let plane = &mut plane[..self.channels * direct.positions()];
                direct.forward::<E, ALONG_FILTERS>(processor, (packed, bias), dy, plane, epilogue, scratch);
                packed = &packed[direct.packed_len()..];
            }
            processor.level.run(Collect { direct: self, planes, dx });
        }
    }
}

/// What pixels are that no tap sees.
fn fill<E: Element>(plane: &mut [E], bias: &[E], epilogue: Activation) {
    plane.fill(E::zero());
    let pixels = plane.len() / bias.len().max(1);
    for (plane, &bias) in plane.chunks_exact_mut(pixels.max(1)).zip(bias) {
        plane.fill(bias);
    }
    epilogue.apply(plane);
}

/// Puts the phases of one sample together.
struct Collect<'a, E> {
    direct: &'a Direct,
    planes: &'a [E],
    dx: &'a mut [E],
}

impl<E: Element> Kernel<E> for Collect<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Direct { input: [height, width], stride: [down, across], .. } = *self.direct;
        let len = self.direct.plane_len();
        for (channel, dx) in self.dx.chunks_exact_mut(height * width).enumerate() {
            for phase in 0..down {
                let rows = (height - phase.min(height)).div_ceil(down);
                let planes = &self.planes[phase * across * len..][..across * len];
                for row in 0..rows {
                    let dx = &mut dx[(row * down + phase) * width..][..width];
                    let line = channel * rows + row;
                    match across {
                        1 => dx.copy_from_slice(&planes[line * width..][..width]),
                        2 => {
                            let (even, odd) = planes.split_at(len);
                            let (long, short) = (width.div_ceil(2), width / 2);
                            gather::<E, V>(&even[line * long..][..long], &odd[line * short..][..short], dx);
                        }
                        _ => {
                            for (first, plane) in planes.chunks_exact(len).enumerate() {
                                let columns = (width - first.min(width)).div_ceil(across);
                                let to = dx.iter_mut().skip(first).step_by(across);
                                to.zip(&plane[line * columns..]).for_each(|(to, &from)| *to = from);
                            }
                        }
                    }
                }
            }
        }
    }
}
