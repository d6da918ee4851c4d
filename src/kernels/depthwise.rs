//! Convolution of each channel by itself, by one of two layouts.
//!
//! Along positions: a channel is laid out as one long line, row after row, with zeros before it, between its rows and behind it;
//! with a stride, one line for each phase of its rows and columns. Then the value that a tap adds to position p lies at
//! p + offset, wherever p lies, and neighbouring positions sit in neighbouring lanes.
//!
//! Along channels: each pixel of sixteen channels is a register.

mod backward;
mod channels;
mod forward;
mod lines;
mod tiles;

use super::simd::{Kernel, Lanes, Level, WIDEST};
use super::window::Window2d;
use crate::activation::Activation;
use crate::element::Element;
use crate::layer::Layouts;
use backward::Backward;
use forward::Forward;
use lines::{larger, positive};

/// Taps along one axis at most.
const TAPS: usize = 16;
/// Positions of an output up to which lanes run along the channels, forward and backward, times the stride: from there on turning
/// the image around costs more than it saves.
const SMALL: [usize; 2] = [144, 200];

/// What lies in neighbouring lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// Neighbouring positions: for images that fill a cache.
    Positions,
    /// Neighbouring channels: for small images, whose ends of rows and beginnings cost more than to turn them around.
    Channels,
}

impl Along {
    /// The faster one, by the positions up to which channels are.
    const fn faster(window: &Window2d, small: usize) -> Self {
        let small = window.positions() <= small * window.stride[1] && window.channels >= WIDEST / 2;
        if small { Self::Channels } else { Self::Positions }
    }
}

/// A convolution with one filter for each channel.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise {
    window: Window2d,
    /// Forward and backward.
    along: [Along; 2],
    /// Of the forward pass.
    layouts: Layouts,
    /// Positions from one row of a line to the next: as many as the output or a phase of the input has columns, and the zeros that
    /// taps see beyond either end of a row.
    pitch: usize,
    /// Rows of a phase that may hold pixels.
    rows: usize,
    /// How far from their position the first and the last tap read.
    reach: [isize; 2],
}

impl Depthwise {
    /// The convolution of a window in the faster layout, if it has few enough taps.
    #[must_use]
    pub const fn new(window: &Window2d) -> Option<Self> {
        Self::of(window, [Along::faster(window, SMALL[0]), Along::faster(window, SMALL[1])])
    }

    /// The same in a given layout.
    #[must_use]
    pub const fn along(window: &Window2d, along: Along) -> Option<Self> {
        Self::of(window, [along; 2])
    }

    const fn of(window: &Window2d, along: [Along; 2]) -> Option<Self> {
        let Window2d { input, kernel, stride, output, .. } = *window;
        if kernel[0] > TAPS || kernel[1] > TAPS {
            return None;
        }
        let (layouts, rows) = (Layouts::PLANAR, input[0].div_ceil(stride[0]));
        let mut depthwise = Self { window: *window, along, layouts, pitch: 0, rows, reach: [0; 2] };
        let (before, behind) = (depthwise.tap(1, 0).shift, depthwise.tap(1, kernel[1] - 1).shift);
        depthwise.pitch = larger(input[1].div_ceil(stride[1]) + positive(-before), output[1] + positive(behind));
        depthwise.reach = [depthwise.distance([0; 2]), depthwise.distance([kernel[0] - 1, kernel[1] - 1])];
        Some(depthwise)
    }

    /// The same with an input and an output that lie like this.
    #[must_use]
    pub const fn laid_out(self, layouts: Layouts) -> Self {
        let forward = if layouts.are_planar() { self.along[0] } else { Along::Channels };
        Self { along: [forward, self.along[1]], layouts, ..self }
    }

    /// Values of scratch that either direction needs.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        let [forward, backward] = [self.scratch_of(self.along[0]), self.scratch_of(self.along[1])];
        if forward > backward { forward } else { backward }
    }

    const fn scratch_of(&self, along: Along) -> usize {
        if matches!(along, Along::Channels) {
            return self.channel_scratch_len();
        }
        let lines = self.phases() * (self.x_len() + self.plane_len()) + self.dy_len() + self.lanes_len();
        lines + WIDEST
    }

    /// Values of scratch that [`forward`](Self::forward) needs, however the input and the output lie.
    #[must_use]
    pub const fn forward_len(&self) -> usize {
        larger(self.channel_forward_len(), self.phases() * self.x_len() + self.plane_len())
    }

    /// y = epilogue(weight ∗ x + bias) for each sample, with or without a bias.
    ///
    /// # Shapes
    ///
    /// `x`: (samples, channels, input rows, input columns); `y`: (samples, channels, output rows, output columns);
    /// `weight`: (channels, kernel rows, kernel columns).
    pub fn forward<E: Element>(
        &self,
        level: Level,
        (weight, bias): (&[E], &[E]),
        x: &[E],
        y: &mut [E],
        epilogue: Activation,
        scratch: &mut [E],
    ) {
        let relu = epilogue == Activation::Relu;
        match self.along[0] {
            Along::Positions => level.run(Forward { depthwise: self, weight, bias, x, y: &mut *y, relu, scratch }),
            Along::Channels => {
                level.run(channels::Forward { depthwise: self, weight, bias, x, y: &mut *y, relu, scratch });
            }
        }
        epilogue.finish(level, y);
    }

    /// d\_weight += the gradient of the weights, d\_bias += that of the bias and, where it is asked for, dx = that of the
    /// input, over all samples; `d_bias` is empty if there is no bias.
    ///
    /// NaN and ±∞ in x may reach taps that do not see them: zeros are multiplied by what lies beyond the ends of rows.
    #[allow(clippy::too_many_arguments)] // the arguments of forward and the gradient of each
    pub fn backward<E: Element>(
        &self,
        level: Level,
        weight: &[E],
        x: &[E],
        dy: &[E],
        dx: Option<&mut [E]>,
        (d_weight, d_bias): (&mut [E], &mut [E]),
        scratch: &mut [E],
    ) {
        match self.along[1] {
            Along::Positions => level.run(Backward { depthwise: self, weight, x, dy, dx, d_weight, d_bias, scratch }),
            Along::Channels => {
                level.run(channels::Backward { depthwise: self, weight, x, dy, dx, d_weight, d_bias, scratch });
            }
        }
    }
}
