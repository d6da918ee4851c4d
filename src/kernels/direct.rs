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
use super::padded::{CROWDED, TAPS, Taps};
use super::simd::{Kernel, Lanes, Level, Processor, WIDEST, add_products, in_blocks};
use super::window::Window2d;
use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Direction, Layout, Layouts, Prepared};
use crate::parallel;

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
    pub(super) layouts: Layouts,
}

impl Direct {
    /// The convolution of a geometry, if it is one that this kernel can run.
    #[must_use]
    pub const fn new(geometry: &Conv2dGeometry) -> Option<Self> {
        let Window2d { channels, input, kernel, stride, padding, dilation, output } = geometry.window;
        let plain = dilation[0] == 1 && dilation[1] == 1 && geometry.groups == 1;
        let padded = padding[0] < kernel[0] && padding[1] < kernel[1];
        if !(plain && padded && geometry.window.begins_inside() && geometry.window.taps() <= TAPS) {
            return None;
        }
        // A 1×1 kernel does not tell rows apart: the image is one of them.
        let pointwise = geometry.window.taps() == 1 && stride[0] == 1 && stride[1] == 1;
        let [input, output] =
            if pointwise { [[1, input[0] * input[1]], [1, output[0] * output[1]]] } else { [input, output] };
        let (filters, along_filters, layouts) = (geometry.filters, false, Layouts::PLANAR);
        let direct = Self { channels, input, filters, kernel, stride, padding, output, along_filters, layouts };
        Some(direct.in_faster_layout())
    }

    /// Whether it has a 1×1 kernel that sees every pixel: then channels may be interleaved.
    #[must_use]
    pub const fn is_pointwise(&self) -> bool {
        let Self { input, kernel, stride, output, .. } = self;
        kernel[0] * kernel[1] * stride[0] * stride[1] == 1 && input[0] == output[0] && input[1] == output[1]
    }

    /// The same with an input and an output that lie like this.
    #[must_use]
    pub const fn laid_out(self, layouts: Layouts) -> Self {
        Self { along_filters: self.along_filters || !layouts.are_planar(), layouts, ..self }
    }

    /// Whether the image is read as it is, without padding: for a 1×1 kernel, if its rows fill a register or need not, and its
    /// channels lie well in the cache.
    const fn reads_input(&self) -> bool {
        let filled = self.output[1] >= WIDEST || self.along_filters;
        let planes_lie_well = filled && !(self.input[0] * self.input[1]).is_multiple_of(CROWDED);
        self.is_pointwise() && (planes_lie_well || matches!(self.layouts.x, Layout::Interleaved))
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
        let (along_filters, others) = (self.filters.next_multiple_of(BLOCK), in_blocks(self.filters));
        let filters = match (self.along_filters, self.is_pointwise()) {
            (true, _) => along_filters,
            (false, true) if along_filters > others => along_filters, // for neighbours that interleave
            (false, _) => others,
        };
        filters * self.taps()
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
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        let (registers, taps) = (self.direct.registers(V::COUNT), self.direct.taps_at_once());
        match registers.checked_sub(B) {
            // The last block overlaps the one before it: what is calculated twice is the same.
            Some(last) => {
                for first in (0..registers).step_by(B) {
                    self.registers::<V, F, B>(&taps, first.min(last));
                }
            }
            None => {
                for first in 0..registers {
                    self.registers::<V, F, 1>(&taps, first);
                }
            }
        }
    }
}

impl<E: Element> Forward<'_, E> {
    /// The outputs of all filters at `B` registers of positions, from the register `first` on: what these see stays in
    /// first-level cache, and the weights pass by.
    #[inline(always)]
    fn registers<V: Lanes<E>, const F: usize, const B: usize>(&mut self, taps: &Taps, first: usize) {
        let Self { direct, packed, bias, epilogue, .. } = *self;
        let least = V::splat(if epilogue == Activation::Relu { E::zero() } else { E::neg_infinity() });
        let whole = direct.output[1] >= V::COUNT;
        let places = direct.places::<B>(first, V::COUNT);
        let blocks = packed.as_chunks::<F>().0.chunks_exact(direct.taps());
        for (index, (weights, y)) in blocks.zip(self.y.chunks_mut(F * direct.positions())).enumerate() {
            let mut sums = [[V::splat(E::zero()); B]; F];
            for filter in 0..F {
                sums[filter] = [V::splat(bias.get(index * F + filter).copied().unwrap_or_default()); B];
            }
            let sums = Self::sums::<V, F, B>(taps, weights, self.padded, places, sums);
            for filter in 0..F {
                // Bounds are constants, so that it unrolls and the sums stay in registers.
                let y = y.get_mut(filter * direct.positions()..).unwrap_or_default();
                if y.is_empty() {
                    break;
                }
                for index in 0..B {
                    let (sum, Place { output, row_end, .. }) = (sums[filter][index].at_least(least), places[index]);
                    if whole { sum.store(y, output) } else { sum.store_first(&mut y[output..row_end]) }
                }
            }
        }
    }

    /// Σ over channels and taps of w · x on top of `sums`, for `F` filters at `B` registers of positions.
    #[inline(always)]
    fn sums<V: Lanes<E>, const F: usize, const B: usize>(
        taps: &Taps,
        weights: &[[E; F]],
        padded: &[E],
        places: [Place; B],
        mut sums: [[V; B]; F],
    ) -> [[V; B]; F] {
        let (offsets, mut at) = (taps.offsets(), 0);
        for weights in weights.chunks(offsets.len()) {
            // All as long as the others, so that one check of bounds is enough for all.
            let (mut x, reach) = ([padded; B], padded.len() - places[B - 1].padded - at);
            for index in 0..B {
                x[index] = &padded[places[index].padded + at..][..reach];
            }
            for (weights, &offset) in weights.iter().zip(offsets) {
                add_products(&mut sums, |filter| V::splat(weights[filter]), |index| V::load(x[index], offset));
            }
            at += taps.distance;
        }
        sums
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
