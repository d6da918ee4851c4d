//! Direct convolution with lanes along the filters, for images whose rows do not fill registers.
//!
//! A register holds the sums of neighbouring filters at one position. A block is two of them at some positions of a row: each
//! tap loads its weights once for all of these, and one pixel for each. So rows of any length fill registers and a stride costs
//! nothing; the image is padded and no more. What it costs is to turn the sums around on the way out, unless the next layer takes
//! channels interleaved, as they are in the registers.

mod weight;

use super::direct::Direct;
use super::padded::Taps;
use super::simd::{Kernel, Lanes, WIDEST};
use crate::activation::Activation;
use crate::element::Element;
use crate::layer::Layout;
pub(super) use weight::BackwardWeight;

/// Filters of a block at most: two of the widest registers.
pub(super) const BLOCK: usize = 2 * WIDEST;
/// Positions that a block may have; what is left of a row overlaps the block before it.
const POSITIONS: [usize; 8] = [12, 8, 7, 6, 5, 4, 3, 1];
/// Positions of the largest block with the widest registers.
const MOST: usize = POSITIONS[0];
/// Cycles of a tap that a block of any size takes besides its products.
const LOOP: usize = 1;
/// Cycles to turn the sums of a block around and to write them.
const TURN: usize = 128;

impl Direct {
    /// The same with lanes along the filters if that takes less time than along the positions: estimated in cycles, with two
    /// products of registers in each.
    pub(super) const fn in_faster_layout(self) -> Self {
        let [height, width] = self.output;
        let positions = most_fitting(&POSITIONS, width, MOST);
        let blocks = height * width.div_ceil(positions) * self.filters.div_ceil(BLOCK);
        let cycles = blocks * (self.taps() * cycles(positions) + TURN);
        let registers = height * width.div_ceil(WIDEST);
        let cycles_of_tap = if registers < 3 { 5 * registers } else { 12 * registers.div_ceil(3) };
        let others = self.filters.div_ceil(8) * cycles_of_tap * self.taps();
        Self { along_filters: self.stride[1] <= 2 && 10 * cycles < 9 * others, ..self }
    }

    /// The convolution whose padded image is read: for lanes along the filters, with a window at every pixel.
    pub(super) const fn image(&self) -> Self {
        if !self.along_filters {
            return *self;
        }
        let [height, width] = self.output;
        let output = [(height - 1) * self.stride[0] + 1, (width - 1) * self.stride[1] + 1];
        Self { stride: [1, 1], output, ..*self }
    }
}

/// Positions or taps of a block that registers of so many lanes have room for: two registers of sums each, two of weights
/// and a pixel fill 16 registers of 8 lanes, and nearly 32 of 16.
const fn most(lanes: usize) -> usize {
    3 * lanes / 4
}

/// The one of these sizes, at most `most`, that cuts `count` into blocks that take the least time.
const fn most_fitting(sizes: &[usize], count: usize, most: usize) -> usize {
    let (mut best, mut least, mut index) = (1, usize::MAX, 0);
    while index < sizes.len() {
        let size = sizes[index];
        let cycles = count.div_ceil(size) * (cycles(size) + LOOP);
        if size <= most && size <= count && cycles < least {
            (best, least) = (size, cycles);
        }
        index += 1;
    }
    best
}

/// Cycles of a tap for a block of so many positions: two products in each, and a sum waits for the one before it.
const fn cycles(positions: usize) -> usize {
    if positions < 4 { 4 } else { positions }
}

/// One sample.
pub(super) struct AlongFilters<'a, E> {
    pub(super) direct: &'a Direct,
    pub(super) packed: &'a [E],
    pub(super) bias: &'a [E],
    pub(super) padded: &'a [E],
    pub(super) y: &'a mut [E],
    pub(super) epilogue: Activation,
}

impl<E: Element> Kernel<E> for AlongFilters<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let positions = most_fitting(&POSITIONS, self.direct.output[1], most(V::COUNT));
        match (self.direct.layouts.x, self.direct.stride[1]) {
            (Layout::Interleaved, _) => self.with_distance::<V>(positions, V::COUNT),
            (Layout::Planar, 1) => self.with_distance::<V>(positions, 1),
            (Layout::Planar, _) => self.with_distance::<V>(positions, 2),
        }
    }
}

impl<E: Element> AlongFilters<'_, E> {
    /// All outputs, where the windows of neighbouring positions lie `distance` values apart.
    #[inline(always)]
    fn with_distance<V: Lanes<E>>(self, positions: usize, distance: usize) {
        match positions {
            12 => self.rows::<V, 12>(distance),
            8 => self.rows::<V, 8>(distance),
            7 => self.rows::<V, 7>(distance),
            6 => self.rows::<V, 6>(distance),
            5 => self.rows::<V, 5>(distance),
            4 => self.rows::<V, 4>(distance),
            3 => self.rows::<V, 3>(distance),
            _ => self.rows::<V, 1>(distance),
        }
    }

    /// All outputs, `P` positions of a row at once.
    #[inline(always)]
    fn rows<V: Lanes<E>, const P: usize>(self, distance: usize) {
        if const { P > most(V::COUNT) } {
            return;
        }
        let Self { direct, packed, bias, padded, y, epilogue } = self;
        let ([height, width], positions, image) = (direct.output, direct.positions(), direct.image());
        let taps = match direct.layouts.x {
            Layout::Planar => image.taps_at_once(),
            Layout::Interleaved => image.channels_at_once(V::COUNT),
        };
        let least = V::splat(if epilogue == Activation::Relu { E::zero() } else { E::neg_infinity() });
        let block = 2 * V::COUNT;
        let blocks = packed.chunks_exact(block * direct.taps());
        for (index, (weights, y)) in blocks.zip(y.chunks_mut(block * positions)).enumerate() {
            let bias = bias.get(index * block..).unwrap_or_default();
            let biases = [0, V::COUNT].map(|first| first_values::<E, V>(bias.get(first..).unwrap_or_default()));
            let block = Block { taps: &taps, weights, biases, padded, distance };
            let (low, high) = y.split_at_mut(y.len().min(V::COUNT * positions));
            for row in 0..height {
                let mut column = 0;
                while column < width {
                    let start = column.min(width - P);
                    let mut sums = block.sums::<P>(row * direct.stride[0] * image.pitch() + start * distance);
                    for half in 0..2 {
                        for index in 0..P {
                            sums[half][index] = sums[half][index].at_least(least);
                        }
                    }
                    let ([first, second], at) = (sums, row * width + start);
                    match direct.layouts.y {
                        Layout::Planar => {
                            write::<E, V, P>(first, low, positions, at);
                            write::<E, V, P>(second, high, positions, at);
                        }
                        Layout::Interleaved => {
                            write_interleaved::<E, V, P>(first, low, at);
                            write_interleaved::<E, V, P>(second, high, at);
                        }
                    }
                    column += P;
                }
            }
        }
    }
}

/// The first values, and zeros where there are too few: none are not to be loaded, which processors are slow at.
#[inline(always)]
fn first_values<E: Element, V: Lanes<E>>(values: &[E]) -> V {
    if values.is_empty() { V::splat(E::zero()) } else { V::load_first(values) }
}

/// Writes the sums of some filters at `P` positions from `at` on.
#[inline(always)]
fn write<E: Element, V: Lanes<E>, const P: usize>(sums: [V; P], y: &mut [E], positions: usize, at: usize) {
    let mut square = [V::splat(E::zero()); WIDEST];
    square[..P].copy_from_slice(&sums);
    let square = V::transpose(square);
    for filter in 0..V::COUNT {
        let at = filter * positions + at;
        if at < y.len() {
            square[filter].store_first(&mut y[at..][..P]);
        }
    }
}

/// Writes the same where the filters of a register lie side by side.
#[inline(always)]
fn write_interleaved<E: Element, V: Lanes<E>, const P: usize>(sums: [V; P], y: &mut [E], at: usize) {
    if y.is_empty() {
        return;
    }
    let y = &mut y[at * V::COUNT..][..P * V::COUNT];
    for index in 0..P {
        sums[index].store(y, index * V::COUNT);
    }
}

/// Two registers of filters.
struct Block<'a, E, V> {
    taps: &'a Taps,
    weights: &'a [E],
    biases: [V; 2],
    padded: &'a [E],
    /// From what a position sees to what the next one does.
    distance: usize,
}

impl<E: Element, V: Lanes<E>> Block<'_, E, V> {
    /// Σ over channels and taps of w · x at `P` positions, the first of whose windows lies at `at`.
    #[inline(always)]
    fn sums<const P: usize>(&self, mut at: usize) -> [[V; P]; 2] {
        let mut sums = self.biases.map(|bias| [bias; P]);
        let offsets = self.taps.offsets();
        for weights in self.weights.chunks(2 * V::COUNT * offsets.len()) {
            let x = &self.padded[at..];
            for (weights, &offset) in weights.chunks_exact(2 * V::COUNT).zip(offsets) {
                let weights = [V::load(weights, 0), V::load(weights, V::COUNT)];
                let x = &x[offset..][..=(P - 1) * self.distance];
                for index in 0..P {
                    let x = V::splat(x[index * self.distance]);
                    for half in 0..2 {
                        sums[half][index] = sums[half][index].multiply_add(weights[half], x);
                    }
                }
            }
            at += self.taps.distance;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::{POSITIONS, most, most_fitting};

    #[test]
    fn no_row_is_cut_into_single_positions() {
        for lanes in [8, 16] {
            for width in 3..=64 {
                assert!(most_fitting(&POSITIONS, width, most(lanes)) >= 3, "{width} positions, {lanes} lanes");
            }
        }
        let blocks = [(8, 14), (8, 7), (16, 14), (16, 28), (16, 13)].map(|(lanes, width)| {
            let size = most_fitting(&POSITIONS, width, most(lanes));
            (size, width.div_ceil(size))
        });
        assert_eq!(blocks, [(5, 3), (4, 2), (7, 2), (7, 4), (7, 2)]);
    }
}
