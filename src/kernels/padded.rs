//! The padded image that direct convolution reads: zeros around it and, with a stride, its pixels dealt into phases.
//!
//! Neighbouring positions of the window must see neighbouring values, so the pixels that lie whole strides apart are put
//! side by side: with stride 2 one phase for the even rows and columns, one for odd columns, and so on, four in all. The
//! tap (m, n) finds its value for position p at `p + offset` in the phase (m mod stride, n mod stride). With stride 1 there
//! is one phase, the padded image itself.

use super::direct::{Direct, SLACK};
use super::simd::{Kernel, Lanes, Level, WIDEST};
use super::strided::{copy, deal};
use crate::element::Element;

/// Channels that lie a multiple of so many values apart share a few places of the first-level cache: 2 KiB of `f32`.
pub(super) const CROWDED: usize = 512;

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
        let values = self.stride[0] * self.stride[1] * self.rows() * self.pitch();
        if values.is_multiple_of(CROWDED) { values + WIDEST } else { values }
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
    pub(super) fn pad<E: Element>(&self, level: Level, x: &[E], padded: &mut [E]) {
        level.run(Pad { direct: self, x, padded });
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

    /// The offsets of a few channels' taps, calculated for all that read them.
    pub(super) fn taps_at_once(&self) -> Taps {
        let channels = self.channels.min(TAPS / (self.kernel[0] * self.kernel[1]));
        let len = channels * self.kernel[0] * self.kernel[1];
        let (mut offsets, mut all) = ([0; TAPS], self.offsets());
        offsets[..len].fill_with(|| all.next());
        Taps { offsets, len, distance: channels * self.plane() }
    }

    /// The same for a 1×1 kernel, where `lanes` channels are interleaved.
    pub(super) fn channels_at_once(&self, lanes: usize) -> Taps {
        let (len, pixels) = (self.channels.min(TAPS), self.input[0] * self.input[1]);
        let mut offsets = [0; TAPS];
        for (group, offsets) in offsets[..len].chunks_mut(lanes).enumerate() {
            for (lane, offset) in offsets.iter_mut().enumerate() {
                *offset = group * lanes * pixels + lane;
            }
        }
        Taps { offsets, len, distance: len * pixels }
    }
}

/// One image and its padding.
struct Pad<'a, E> {
    direct: &'a Direct,
    x: &'a [E],
    padded: &'a mut [E],
}

impl<E: Element> Kernel<E> for Pad<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Direct { input: [height, width], stride, padding, .. } = *self.direct;
        let (pitch, rows) = (self.direct.pitch(), self.direct.rows());
        let planes = self.padded.chunks_exact_mut(self.direct.plane());
        for (x, plane) in self.x.chunks_exact(height * width).zip(planes) {
            let (mut phase, mut row) = (padding[0] % stride[0], padding[0] / stride[0]);
            // Row by row; no window sees rows that no phase has room for.
            for x in x.chunks_exact(width).take(stride[0] * rows - padding[0]) {
                let phases = &mut plane[(phase * stride[1] * rows + row) * pitch..];
                match stride[1] {
                    1 => copy::<E, V>(x, &mut phases[padding[1]..pitch]),
                    2 => deal_two::<E, V>(x, phases, self.direct),
                    _ => deal_each(x, phases, self.direct),
                }
                phase += 1;
                if phase == stride[0] {
                    (phase, row) = (0, row + 1);
                }
            }
        }
    }
}

/// Deals a row into two phases, and zeros behind it.
#[inline(always)]
fn deal_two<E: Element, V: Lanes<E>>(x: &[E], phases: &mut [E], direct: &Direct) {
    let pitch = direct.pitch();
    let (even, odd) = phases.split_at_mut(direct.rows() * pitch);
    let (even, odd) = (&mut even[..pitch], &mut odd[..pitch]);
    let padding = direct.padding[1];
    let [first, second] = if padding.is_multiple_of(2) { [even, odd] } else { [odd, even] };
    deal::<E, V>(x, &mut first[padding / 2..], &mut second[padding.div_ceil(2)..]);
}

/// Deals a row into any number of phases.
fn deal_each<E: Element>(x: &[E], phases: &mut [E], direct: &Direct) {
    let (pitch, stride) = (direct.pitch(), direct.stride[1]);
    for first in 0..stride {
        let column = direct.padding[1] + first;
        let start = column % stride * direct.rows() * pitch;
        let to = phases[start..start + pitch].iter_mut().skip(column / stride);
        to.zip(x.iter().skip(first).step_by(stride)).for_each(|(to, &x)| *to = x);
    }
}

/// Taps of a channel at most.
pub(super) const TAPS: usize = 128;

/// The offsets of a few channels' taps. Those of the next few lie `distance` further on.
pub(super) struct Taps {
    offsets: [usize; TAPS],
    len: usize,
    pub(super) distance: usize,
}

impl Taps {
    #[inline(always)]
    pub(super) fn offsets(&self) -> &[usize] {
        &self.offsets[..self.len]
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
