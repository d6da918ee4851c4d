//! Direct convolution: no columns are made.
//!
//! The padded image is taken as one long row a channel, `pitch` values from one image row to the next. The output at position
//! p of filter f is then Σ over channels and taps of w · x\[p + offset of tap\], so that neighbouring positions sit in
//! neighbouring lanes; with a stride, too, as the module `padded` lays the image out. (Where rows leave lanes empty, `direct_filters`
//! has the filters there instead.) A block of sums, filters × registers
//! of positions, stays in registers while the taps pass by; each tap loads its registers of x once for all filters of the
//! block.

use super::conv2d::Conv2dGeometry;
use super::direct_filters::{AlongFilters, BLOCK};
use super::simd::{Kernel, Lanes, Level, Processor, WIDEST};
use super::window::Window2d;
use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Direction, Prepared};
use crate::parallel;

/// Filters of a block at most: weights are packed in this many at a time.
const FILTERS: usize = 8;
/// Values that a block may read behind the last position.
pub(super) const SLACK: usize = 64;

/// A convolution without dilation and groups, as the kernel sees it.
#[derive(Clone, Copy, Debug)]
pub struct Direct {
    pub(super) channels: usize,
    pub(super) input: [usize; 2],
    pub(super) filters: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    pub(super) output: [usize; 2],
    /// Whether lanes run along the filters.
    pub(super) along_filters: bool,
}

impl Direct {
    /// The convolution of a geometry, if it is one that this kernel can run.
    #[must_use]
    pub const fn new(geometry: &Conv2dGeometry) -> Option<Self> {
        let Window2d { channels, input, kernel, stride, padding, dilation, output } = geometry.window;
        let plain = dilation[0] == 1 && dilation[1] == 1 && geometry.groups == 1;
        let padded = padding[0] < kernel[0] && padding[1] < kernel[1];
        if !(plain && padded && geometry.window.begins_inside()) {
            return None;
        }
        // A 1×1 kernel does not tell rows apart: the image is one of them.
        let pointwise = geometry.window.taps() == 1 && stride[0] == 1 && stride[1] == 1;
        let [input, output] =
            if pointwise { [[1, input[0] * input[1]], [1, output[0] * output[1]]] } else { [input, output] };
        let (filters, along_filters) = (geometry.filters, false);
        Some(Self { channels, input, filters, kernel, stride, padding, output, along_filters }.in_faster_layout())
    }

    /// Whether the image is read as it is, without padding: for a 1×1 kernel, if its rows fill a register or need not.
    const fn reads_input(&self) -> bool {
        let Self { input, kernel, stride, output, .. } = self;
        let pointwise = kernel[0] * kernel[1] * stride[0] * stride[1] == 1;
        let filled = output[1] >= WIDEST || self.along_filters;
        pointwise && input[0] == output[0] && input[1] == output[1] && filled
    }

    /// The convolution of a geometry where this kernel beats columns and a matrix product.
    pub(crate) const fn where_faster(geometry: &Conv2dGeometry) -> Option<Self> {
        match Self::new(geometry) {
            Some(direct) if 2 * direct.output[1] > direct.output[1].next_multiple_of(WIDEST) => Some(direct),
            Some(direct) if direct.along_filters => Some(direct),
            _ => None,
        }
    }

    pub(super) const fn taps(&self) -> usize {
        self.channels * self.kernel[0] * self.kernel[1]
    }

    const fn macs(&self) -> usize {
        self.positions() * self.filters * self.taps()
    }

    pub(super) const fn packed_len(&self) -> usize {
        self.filters.next_multiple_of(if self.along_filters { BLOCK } else { FILTERS }) * self.taps()
    }

    /// Filters whose weights lie side by side.
    pub(super) fn block<E: Element>(&self, level: Level) -> usize {
        if self.along_filters { 2 * level.lanes::<E>() } else { level.block(self.filters) }
    }

    /// Values of [`pack`](Self::pack) for each direction.
    #[must_use]
    pub const fn packed(&self) -> Prepared {
        let backward = if self.has_input_gradient() { self.packed_input_len() } else { 0 };
        Prepared { forward: self.packed_len(), backward }
    }

    /// Values of scratch that any direction needs.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        let (forward, backward) = (self.forward_len(), self.input_scratch_len() + self.weight_scratch_len());
        if forward > backward { forward } else { backward }
    }

    /// Values of scratch that [`forward`](Self::forward) needs.
    #[must_use]
    pub const fn forward_len(&self) -> usize {
        if self.reads_input() { 0 } else { self.image().padded_len() }
    }

    /// Puts weights in the order in which [`forward`](Self::forward) or [`backward`](Self::backward) reads them.
    pub fn pack<E: Element>(&self, level: Level, direction: Direction, weight: &[E], packed: &mut [E]) {
        packed.fill(E::zero());
        match direction {
            Direction::Forward => self.pack_forward(level, weight, packed),
            Direction::Backward if packed.is_empty() => {}
            Direction::Backward => self.pack_backward(level, weight, packed),
        }
    }

    /// Filter beside filter, as many as a block has.
    fn pack_forward<E: Element>(&self, level: Level, weight: &[E], packed: &mut [E]) {
        let (taps, block) = (self.taps(), self.block::<E>(level));
        for (weights, packed) in weight.chunks(block * taps).zip(packed.chunks_mut(block * taps)) {
            for (filter, weight) in weights.chunks_exact(taps).enumerate() {
                packed.chunks_exact_mut(block).zip(weight).for_each(|(packed, &weight)| packed[filter] = weight);
            }
        }
    }

    /// y = epilogue(weight ∗ x + bias) for each sample, with packed weights. `ALONG_FILTERS` takes lanes along the filters into the
    /// program: see [`is_along_filters`](Self::is_along_filters).
    pub fn forward<E: Element, const ALONG_FILTERS: bool>(
        &self,
        processor: Processor,
        (packed, bias): (&[E], &[E]),
        x: &[E],
        y: &mut [E],
        epilogue: Activation,
        scratch: &mut [E],
    ) {
        let image = self.image();
        let padded = &mut scratch[..self.forward_len()];
        padded.fill(E::zero());
        let inputs = x.chunks_exact(self.channels * self.input[0] * self.input[1]);
        for (x, y) in inputs.zip(y.chunks_exact_mut(self.filters * self.positions())) {
            let padded = if self.reads_input() {
                x
            } else {
                image.pad(processor.level, x, padded);
                &*padded
            };
            self.filter::<E, ALONG_FILTERS>(processor, (packed, bias), padded, y, epilogue);
        }
    }

    /// The forward pass of a sample that has been padded.
    fn filter<E: Element, const ALONG_FILTERS: bool>(
        &self,
        processor: Processor,
        (packed, bias): (&[E], &[E]),
        padded: &[E],
        y: &mut [E],
        epilogue: Activation,
    ) {
        let block = self.block::<E>(processor.level);
        let part = self.filters.div_ceil(block).div_ceil(processor.parts(self.macs())) * block;
        parallel::parts(y, part * self.positions(), |index, y| {
            let packed = &packed[index * part * self.taps()..];
            let bias = bias.get(index * part..).unwrap_or_default();
            if ALONG_FILTERS && self.along_filters {
                processor.level.run(AlongFilters { direct: self, packed, bias, padded, y: &mut *y, epilogue });
            } else {
                let kernel = Forward { direct: self, packed, bias, padded, y: &mut *y, epilogue };
                processor.level.run_in_blocks(block, kernel);
            }
            epilogue.finish(processor.level, y);
        });
    }

    /// d\_weight += the gradient of the weights, d\_bias += that of the bias and, where it is asked for, dx = that of the
    /// input. `ALONG_FILTERS` as in [`forward`](Self::forward).
    ///
    /// # Panics
    ///
    /// If dx is asked for and this kernel cannot give it ([`has_input_gradient`](Self::has_input_gradient)).
    #[allow(clippy::too_many_arguments)] // the arguments of forward and the gradient of each
    pub fn backward<E: Element, const ALONG_FILTERS: bool>(
        &self,
        processor: Processor,
        packed: &[E],
        x: &[E],
        dy: &[E],
        dx: Option<&mut [E]>,
        (d_weight, d_bias): (&mut [E], &mut [E]),
        scratch: &mut [E],
    ) {
        let (scratch, weight_scratch) = scratch.split_at_mut(self.input_scratch_len());
        let mut weight =
            || self.backward_weight::<E, ALONG_FILTERS>(processor.level, x, dy, d_weight, d_bias, weight_scratch);
        let Some(dx) = dx else { return weight() };
        assert!(self.has_input_gradient(), "a gradient of the input");
        let input =
            || self.backward_input::<E, ALONG_FILTERS>(processor, (packed, &[]), dy, dx, Activation::Identity, scratch);
        parallel::join(processor.parts(self.macs()) > 1, weight, input);
    }

    /// What a transposed convolution, whose dy is `x` here, asks for: d\_weight += dy ∗ x and, where it is wanted,
    /// y = weight ∗ x, with packed weights. Each image is padded once for both.
    pub(crate) fn backward_transposed<E: Element, const ALONG_FILTERS: bool>(
        &self,
        processor: Processor,
        packed: &[E],
        (x, dy): (&[E], &[E]),
        y: Option<&mut [E]>,
        d_weight: &mut [E],
        scratch: &mut [E],
    ) {
        let mut outputs = y.map(|y| y.chunks_exact_mut(self.filters * self.positions()));
        let filter = |padded: &[E]| {
            if let Some(y) = outputs.as_mut().and_then(Iterator::next) {
                self.filter::<E, ALONG_FILTERS>(processor, (packed, &[]), padded, y, Activation::Identity);
            }
        };
        self.backward_weight_of::<E, ALONG_FILTERS>(processor.level, (x, dy), (d_weight, &mut []), scratch, filter);
    }
}

/// One sample.
struct Forward<'a, E> {
    direct: &'a Direct,
    packed: &'a [E],
    bias: &'a [E],
    padded: &'a [E],
    y: &'a mut [E],
    epilogue: Activation,
}

impl<E: Element> Kernel<E> for Forward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { direct, packed, bias, padded, y, epilogue } = self;
        let registers = direct.registers(V::COUNT);
        let blocks = packed.as_chunks::<F>().0.chunks_exact(direct.taps());
        for (index, (weights, y)) in blocks.zip(y.chunks_mut(F * direct.positions())).enumerate() {
            let bias = core::array::from_fn(|filter| bias.get(index * F + filter).copied().unwrap_or_default());
            let block = Block { direct, weights, bias, padded, epilogue };
            match registers.checked_sub(B) {
                // The last block overlaps the one before it: what is calculated twice is the same.
                Some(last) => {
                    for first in (0..registers).step_by(B) {
                        block.run::<V, B>(first.min(last), y);
                    }
                }
                None => {
                    for first in 0..registers {
                        block.run::<V, 1>(first, y);
                    }
                }
            }
        }
    }
}

/// `F` filters of one sample.
struct Block<'a, E, const F: usize> {
    direct: &'a Direct,
    weights: &'a [[E; F]],
    bias: [E; F],
    padded: &'a [E],
    epilogue: Activation,
}

impl<E: Element, const F: usize> Block<'_, E, F> {
    /// The outputs of `B` registers of positions, from the register `first` on.
    #[inline(always)]
    fn run<V: Lanes<E>, const B: usize>(&self, first: usize, y: &mut [E]) {
        let places = self.direct.places::<B>(first, V::COUNT);
        let mut sums = [[[E::zero(); WIDEST]; B]; F];
        self.sums::<V, B>(places.map(|place| place.padded), &mut sums);
        for (sums, y) in sums.iter().zip(y.chunks_exact_mut(self.direct.positions())) {
            for (sum, place) in sums.iter().zip(&places) {
                let sum = match self.epilogue {
                    Activation::Relu => V::load(sum, 0).relu(),
                    _ => V::load(sum, 0),
                };
                sum.store_first(&mut y[place.output..place.row_end]);
            }
        }
    }

    /// Σ over channels and taps of w · x, for `F` filters at `B` registers of positions.
    #[inline(always)]
    fn sums<V: Lanes<E>, const B: usize>(&self, starts: [usize; B], result: &mut [[[E; WIDEST]; B]; F]) {
        // All as long as the others, so that one check of bounds is enough for all.
        let reach = self.direct.channels * self.direct.plane() - self.direct.span() + V::COUNT;
        let mut x = [self.padded; B];
        for index in 0..B {
            x[index] = &self.padded[starts[index]..][..reach];
        }
        let mut sums = self.bias.map(|bias| [V::splat(bias); B]);
        let mut offsets = self.direct.offsets();
        for weights in self.weights {
            let offset = offsets.next();
            let mut values = [V::splat(E::zero()); B];
            for index in 0..B {
                values[index] = V::load(x[index], offset);
            }
            for filter in 0..F {
                let weight = V::splat(weights[filter]);
                for index in 0..B {
                    sums[filter][index] = sums[filter][index].multiply_add(values[index], weight);
                }
            }
        }
        for filter in 0..F {
            for index in 0..B {
                sums[filter][index].store_first(&mut result[filter][index]);
            }
        }
    }
}

impl Direct {
    pub(super) const fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Registers that cover each output row from its start.
    const fn registers(&self, lanes: usize) -> usize {
        self.output[0] * self.output[1].div_ceil(lanes)
    }

    /// Where `B` registers lie, from the register `first` on.
    #[inline(always)]
    const fn places<const B: usize>(&self, first: usize, lanes: usize) -> [Place; B] {
        let per_row = self.output[1].div_ceil(lanes);
        let (mut row, mut column) = (first / per_row, first % per_row * lanes);
        let width = self.output[1];
        let mut places = [Place { padded: 0, output: 0, row_end: 0 }; B];
        // The last register of a row overlaps the one before it, if there is one.
        let last = width.saturating_sub(lanes);
        let mut index = 0;
        while index < B {
            let start = if column < last { column } else { last };
            let padded = row * self.pitch() + start;
            places[index] = Place { padded, output: row * width + start, row_end: (row + 1) * width };
            column += lanes;
            if column >= width {
                (row, column) = (row + 1, 0);
            }
            index += 1;
        }
        places
    }
}

/// Where the first lane of a register of positions lies.
#[derive(Clone, Copy)]
struct Place {
    /// In a padded channel.
    padded: usize,
    /// In an output channel.
    output: usize,
    /// Where its row ends in the output channel.
    row_end: usize,
}
