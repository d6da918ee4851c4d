//! Lanes along the channels: a pixel of as many channels as a register has lanes lies in one of them.
//!
//! Squares of channels and pixels are turned around on the way in and out, unless channels are interleaved there. In between every
//! register is aligned, windows may be of any kind, and gradients of weights are never added up across lanes.

mod backward;
mod forward;

use super::Depthwise;
use super::lines::{Term, Terms};
use crate::element::Element;
use crate::kernels::simd::WIDEST;
use crate::kernels::squares::Place;
use crate::kernels::window::Window2d;
pub(super) use backward::Backward;
pub(super) use forward::Forward;

/// Registers of an image that are there at once: 16 or 32 KiB.
const AT_ONCE: usize = 512;

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

    /// Rows of the output that the forward pass calculates at once.
    #[inline(always)]
    const fn rows_at_once(&self) -> usize {
        let (rows, stride) = (self.window.output[0], self.window.stride[0]);
        let (fitting, seen) = (AT_ONCE / self.padded()[1], self.rows_seen(1));
        let fitting = if fitting > seen { 1 + (fitting - seen) / stride } else { 1 };
        if fitting < rows { fitting } else { rows }
    }

    /// Rows of the padded image that so many rows of the output see.
    #[inline(always)]
    const fn rows_seen(&self, rows: usize) -> usize {
        let Window2d { kernel, stride, dilation, .. } = self.window;
        (rows - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1
    }

    /// Where the image lies in its padding.
    #[inline(always)]
    fn inside(&self, lanes: usize) -> Place {
        let [_, pitch] = self.padded();
        let Window2d { input: [_, width], padding: [above, left], .. } = self.window;
        Place { start: (above * pitch + left) * lanes, width, skip: (pitch - width) * lanes }
    }

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
        let (rows, [_, columns], width) = (self.rows_at_once(), self.padded(), self.window.output[1]);
        (self.rows_seen(rows) * columns + rows * width + self.window.taps()) * WIDEST + WIDEST
    }

    /// The parts of aligned scratch: some rows of an image, so many registers of outputs, and weights; and what lies behind them.
    fn rooms<'a, E: Element>(
        &self,
        scratch: &'a mut [E],
        [rows, outputs]: [usize; 2],
        lanes: usize,
    ) -> ([&'a mut [E]; 3], &'a mut [E]) {
        let ([_, columns], taps) = (self.padded(), self.window.taps());
        let start = scratch.as_ptr().align_offset(64).min(WIDEST);
        let (x, rest) = scratch[start..].split_at_mut(rows * columns * lanes);
        let (y, rest) = rest.split_at_mut(outputs * lanes);
        let (weight, rest) = rest.split_at_mut(taps * lanes);
        ([x, y, weight], rest)
    }
}
