//! The padded image that direct convolution reads: zeros around it and, with a stride, its pixels dealt into phases.
//!
//! Neighbouring positions of the window must see neighbouring values, so the pixels that lie whole strides apart are put
//! side by side: with stride 2 one phase for the even rows and columns, one for odd columns, and so on, four in all. The
//! tap (m, n) finds its value for position p at `p + offset` in the phase (m mod stride, n mod stride). With stride 1 there
//! is one phase, the padded image itself.

use super::direct::{Direct, SLACK};
use crate::element::Element;

impl Direct {
    /// Values from one row of a phase to the next.
    #[inline(always)]
    pub(super) const fn pitch(&self) -> usize {
        self.output[1] + (self.kernel[1] - 1) / self.stride[1]
    }

    /// Rows of a phase.
    #[inline(always)]
    const fn rows(&self) -> usize {
        self.output[0] + (self.kernel[0] - 1) / self.stride[0]
    }

    /// Values of a padded channel.
    #[inline(always)]
    pub(super) const fn plane(&self) -> usize {
        self.stride[0] * self.stride[1] * self.rows() * self.pitch()
    }

    /// Values of a padded image, and of what may be read behind it.
    #[inline(always)]
    pub(super) const fn padded_len(&self) -> usize {
        self.channels * self.plane() + SLACK
    }

    /// Values of a phase from the first position to the last.
    #[inline(always)]
    pub(super) const fn span(&self) -> usize {
        (self.output[0] - 1) * self.pitch() + self.output[1]
    }

    /// Copies an image into the middle of its padding.
    pub(super) fn pad<E: Element>(&self, x: &[E], padded: &mut [E]) {
        let ([height, width], pitch) = (self.input, self.pitch());
        let phase_len = self.rows() * pitch;
        for (x, plane) in x.chunks_exact(height * width).zip(padded.chunks_exact_mut(self.plane())) {
            for (phase, values) in plane.chunks_exact_mut(phase_len).enumerate() {
                let [[row, to_row], [column, to_column]] = [(phase / self.stride[1], 0), (phase % self.stride[1], 1)]
                    .map(|(phase, axis)| self.first(phase, axis));
                let from = x.chunks_exact(width).skip(row).step_by(self.stride[0]);
                for (x, values) in from.zip(values.chunks_exact_mut(pitch).skip(to_row)) {
                    copy_each(self.stride[1], &x[column.min(width)..], &mut values[to_column.min(pitch)..]);
                }
            }
        }
    }

    /// The first pixel of a phase along an axis, and where in the phase it lies.
    const fn first(&self, phase: usize, axis: usize) -> [usize; 2] {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let pixel = (phase + stride - padding % stride) % stride;
        [pixel, (pixel + padding) / stride]
    }

    /// The offsets of all taps, in the order of the weights.
    #[inline(always)]
    pub(super) const fn offsets(&self) -> Offsets {
        let (pitch, plane) = (self.pitch(), self.plane());
        let phase = self.rows() * pitch;
        Offsets {
            channel: 0,
            plane,
            row: Axis::new(self.kernel[0], self.stride[0], self.stride[1] * phase, pitch),
            column: Axis::new(self.kernel[1], self.stride[1], phase, 1),
        }
    }
}

/// Copies every `stride`-th value, as far as there is room.
fn copy_each<E: Element>(stride: usize, from: &[E], to: &mut [E]) {
    match stride {
        1 => {
            let count = from.len().min(to.len());
            to[..count].copy_from_slice(&from[..count]);
        }
        _ => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, &from)| *to = from),
    }
}

/// Where the taps lie, one after another, without dividing.
pub(super) struct Offsets {
    channel: usize,
    plane: usize,
    row: Axis,
    column: Axis,
}

impl Offsets {
    /// The offset of the next tap.
    #[inline(always)]
    pub(super) fn next(&mut self) -> usize {
        let offset = self.channel + self.row.offset + self.column.offset;
        if self.column.step() && self.row.step() {
            self.channel += self.plane;
        }
        offset
    }
}

/// The taps along one axis: the phases in turn, then the next place in the first.
struct Axis {
    kernel: usize,
    stride: usize,
    /// From a phase to the next.
    phase: usize,
    /// From the last phase to the next place in the first, modulo 2ⁿ.
    wrap: usize,
    tap: usize,
    tap_phase: usize,
    offset: usize,
}

impl Axis {
    const fn new(kernel: usize, stride: usize, phase: usize, place: usize) -> Self {
        let wrap = place.wrapping_sub((stride - 1) * phase);
        Self { kernel, stride, phase, wrap, tap: 0, tap_phase: 0, offset: 0 }
    }

    /// Goes to the next tap; from the last to the first, which it says.
    #[inline(always)]
    const fn step(&mut self) -> bool {
        (self.tap, self.tap_phase) = (self.tap + 1, self.tap_phase + 1);
        if self.tap == self.kernel {
            (self.tap, self.tap_phase, self.offset) = (0, 0, 0);
            return true;
        }
        if self.tap_phase == self.stride {
            self.tap_phase = 0;
            self.offset = self.offset.wrapping_add(self.wrap);
        } else {
            self.offset += self.phase;
        }
        false
    }
}
