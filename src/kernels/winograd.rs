//! 3×3 convolution of stride 1 with 16 products for four outputs instead of 36: F(2×2, 3×3) of Lavin and Gray, "Fast
//! algorithms for convolutional neural networks" (2016).
//!
//! The output is cut into tiles of 2×2, each of which sees a window of 4×4. With d a window of one channel, g a filter, and
//! the matrices B, G and A of `transform`, a tile is
//!
//! Aᵀ \[Σ over channels of (G g Gᵀ) ⊙ (Bᵀ d B)\] A.
//!
//! At each of the 16 places of ⊙ this is a matrix product, filters × channels times channels × tiles. Neighbouring tiles
//! sit in neighbouring lanes; a chunk of them passes through all steps while it is in cache.

mod backward;
mod forward;
mod pack;
mod tiles;
mod transform;

use super::conv2d::Conv2dGeometry;
use super::simd::{Level, Processor, WIDEST};
use super::window::Window2d;
use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Direction, Prepared};
use crate::parallel;
use backward::BackwardWeight;
use forward::Forward;
use pack::Pack;

/// Places in a window, and products for a tile.
const PLACES: usize = 16;
/// Weights of a filter on a channel.
const TAPS: usize = 9;
/// Filters, or channels, of a block at most.
const BLOCK: usize = 8;
/// Tiles that pass through all steps together, three of the widest registers.
const CHUNK: usize = 3 * WIDEST;
/// Room for one line of a chunk's outputs.
const LINE: usize = 2 * CHUNK + WIDEST;

/// A 3×3 convolution of stride 1 without dilation and groups.
#[derive(Clone, Copy, Debug)]
pub struct Winograd {
    channels: usize,
    input: [usize; 2],
    filters: usize,
    padding: [usize; 2],
    output: [usize; 2],
    /// Rows of tiles, and tiles in each.
    tiles: [usize; 2],
    /// Pairs of lines that the tiles of a chunk see at most.
    chunk_pairs: usize,
}

impl Winograd {
    /// The convolution of a geometry, if it is one that this kernel can run.
    #[must_use]
    pub const fn new(geometry: &Conv2dGeometry) -> Option<Self> {
        let Window2d { channels, input, kernel, stride, padding, dilation, output } = geometry.window;
        let plain = stride[0] == 1 && stride[1] == 1 && dilation[0] == 1 && dilation[1] == 1 && geometry.groups == 1;
        let square = kernel[0] == 3 && kernel[1] == 3;
        let padded = padding[0] < 3 && padding[1] < 3;
        if plain && square && padded && geometry.window.begins_inside() {
            Some(Self::sized(channels, input, geometry.filters, padding, output))
        } else {
            None
        }
    }

    /// The convolution of a geometry where this kernel is the fastest: where there are channels, filters and tiles enough to be
    /// worth the transforms.
    pub(crate) const fn where_faster(geometry: &Conv2dGeometry) -> Option<Self> {
        let Window2d { channels, output: [rows, columns], .. } = geometry.window;
        let enough = channels >= 16 && geometry.filters >= 16 && rows.div_ceil(2) * columns.div_ceil(2) >= 9;
        if enough { Self::new(geometry) } else { None }
    }

    const fn sized(
        channels: usize,
        input: [usize; 2],
        filters: usize,
        padding: [usize; 2],
        output: [usize; 2],
    ) -> Self {
        let tiles = [output[0].div_ceil(2), output[1].div_ceil(2)];
        Self { channels, input, filters, padding, output, tiles, chunk_pairs: Self::chunk_pairs(tiles) }
    }

    /// The convolution that gives the gradient of the input: of the output's gradient, with the weights turned around.
    const fn transposed(&self) -> Self {
        let padding = [2 - self.padding[0], 2 - self.padding[1]];
        Self::sized(self.filters, self.output, self.channels, padding, self.input)
    }

    /// Multiply-accumulates at all places.
    const fn work(&self) -> usize {
        self.filters * self.channels * PLACES * self.tiles[0] * self.tiles[1]
    }

    /// Filters, filled up to whole registers at any level.
    #[inline(always)]
    const fn filter_lanes(&self) -> usize {
        self.filters.next_multiple_of(WIDEST)
    }

    /// Values from one place of packed weights to the next.
    #[inline(always)]
    const fn packed_pitch(&self) -> usize {
        self.channels * self.filter_lanes()
    }

    /// Values of [`pack`](Self::pack) for each direction.
    #[must_use]
    pub const fn packed(&self) -> Prepared {
        Prepared { forward: PLACES * self.packed_pitch(), backward: PLACES * self.transposed().packed_pitch() }
    }

    /// Values of scratch that any direction needs.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        let (forward, backward) = (self.forward_len(), self.transposed().forward_len() + self.backward_weight_len());
        if forward > backward { forward } else { backward }
    }

    /// Transforms the weights for [`forward`](Self::forward) or [`backward`](Self::backward).
    pub fn pack<E: Element>(&self, level: Level, direction: Direction, weight: &[E], packed: &mut [E]) {
        level.run(match direction {
            Direction::Forward => Pack {
                weight,
                filters: self.filters,
                filter: self.channels * TAPS,
                channels: self.channels,
                channel: TAPS,
                turned: false,
                packed,
            },
            Direction::Backward => Pack {
                weight,
                filters: self.channels,
                filter: TAPS,
                channels: self.filters,
                channel: self.channels * TAPS,
                turned: true,
                packed,
            },
        });
    }

    /// y = epilogue(weight ∗ x + bias) for each sample, with packed weights.
    pub fn forward<E: Element>(
        &self,
        processor: Processor,
        (packed, bias): (&[E], &[E]),
        x: &[E],
        y: &mut [E],
        epilogue: Activation,
        scratch: &mut [E],
    ) {
        let positions = self.output[0] * self.output[1];
        let (input, output) = (self.channels * self.input[0] * self.input[1], self.filters * positions);
        // Threads divide a sample's filters; each transforms the input for itself. One thread takes all samples together.
        let parts = processor.parts(self.work()).min(scratch.len() / self.forward_len());
        let part = self.filters.div_ceil(BLOCK).div_ceil(parts) * BLOCK;
        let (samples, part_len) = if parts > 1 { (1, part * positions) } else { (x.len() / input, y.len()) };
        for (x, y) in x.chunks(samples.max(1) * input).zip(y.chunks_mut(samples.max(1) * output)) {
            parallel::chunks((y, part_len), (scratch, self.forward_len()), |index, y, scratch| {
                let filters = index * part..self.filters.min((index + 1) * part);
                let filters = if parts > 1 { filters } else { 0..self.filters };
                let room = self.forward_room(scratch);
                let kernel = Forward { winograd: *self, packed, bias, filters, x, y: &mut *y, epilogue, room };
                processor.level.run(kernel);
                epilogue.finish(processor.level, y);
            });
        }
    }

    /// dx = the gradient of the input for each sample: the convolution of dy with every filter turned around, with packed weights.
    pub fn backward_input<E: Element>(
        &self,
        processor: Processor,
        packed: &[E],
        dy: &[E],
        dx: &mut [E],
        scratch: &mut [E],
    ) {
        self.transposed().forward(processor, (packed, &[]), dy, dx, Activation::Identity, scratch);
    }

    /// d\_weight += dy ∗ x and d\_bias += Σ dy, over all samples; `d_bias` is empty if there is no bias.
    pub fn backward_weight<E: Element>(
        &self,
        level: Level,
        x: &[E],
        dy: &[E],
        d_weight: &mut [E],
        d_bias: &mut [E],
        scratch: &mut [E],
    ) {
        let room = self.backward_weight_room(scratch);
        level.run(BackwardWeight { winograd: *self, x, dy, d_weight, d_bias, room });
    }

    /// d\_weight += the gradient of the weights, d\_bias += that of the bias and, where it is asked for, dx = that of the
    /// input.
    #[allow(clippy::too_many_arguments)] // the arguments of forward and the gradient of each
    pub fn backward<E: Element>(
        &self,
        processor: Processor,
        packed: &[E],
        x: &[E],
        dy: &[E],
        dx: Option<&mut [E]>,
        (d_weight, d_bias): (&mut [E], &mut [E]),
        scratch: &mut [E],
    ) {
        let (scratch, weight_scratch) = scratch.split_at_mut(self.transposed().forward_len());
        let mut weight = || self.backward_weight(processor.level, x, dy, d_weight, d_bias, weight_scratch);
        let Some(dx) = dx else { return weight() };
        let input = || self.backward_input(processor, packed, dy, dx, scratch);
        parallel::join(processor.parts(self.work()) > 1, weight, input);
    }
}

/// The values of `scratch` from a cache line's start on: a register that lies in one line is loaded twice as fast as from two.
/// `WIDEST` fewer are left.
fn aligned<E>(scratch: &mut [E]) -> &mut [E] {
    let start = scratch.as_ptr().align_offset(64).min(WIDEST);
    let end = scratch.len() - WIDEST + start;
    &mut scratch[start..end]
}
