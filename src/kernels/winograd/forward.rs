//! The forward pass, and with turned weights the gradient of the input.

use core::ops::Range;

use super::tiles::Chunk;
use super::{BLOCK, CHUNK, LINE, PLACES, Winograd, aligned, transform};
use crate::activation::Activation;
use crate::element::Element;
use crate::kernels::simd::{Kernel, Lanes, WIDEST};

/// Values from one place of a block's products to the next.
const PRODUCTS: usize = BLOCK * CHUNK + WIDEST;

impl Winograd {
    /// Values of scratch for a thread of the forward pass.
    pub(super) const fn forward_len(&self) -> usize {
        PLACES * (self.inputs_pitch() + PRODUCTS) + self.window_len() + WIDEST
    }

    pub(super) fn forward_room<'a, E: Element>(&self, scratch: &'a mut [E]) -> Room<'a, E> {
        let (inputs, rest) = aligned(scratch).split_at_mut(PLACES * self.inputs_pitch());
        let (products, window) = rest.split_at_mut(PLACES * PRODUCTS);
        Room { inputs, products, window }
    }
}

/// What a pass works on.
pub(super) struct Room<'a, E> {
    /// Place, channel, tile of the chunk.
    inputs: &'a mut [E],
    /// Place, filter of the block, tile of the chunk.
    products: &'a mut [E],
    window: &'a mut [E],
}

/// Some filters of one sample, or all filters of some samples.
pub(super) struct Forward<'a, E> {
    pub(super) winograd: Winograd,
    pub(super) packed: &'a [E],
    pub(super) bias: &'a [E],
    pub(super) filters: Range<usize>,
    pub(super) x: &'a [E],
    pub(super) y: &'a mut [E],
    pub(super) epilogue: Activation,
    pub(super) room: Room<'a, E>,
}

impl<E: Element> Kernel<E> for Forward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        let tiles = self.winograd.tiles_of(self.x);
        for start in (0..tiles).step_by(CHUNK) {
            let chunk = Chunk::new(&self.winograd, start..tiles.min(start + CHUNK));
            self.winograd.transform_input::<E, V>(&chunk, self.x, self.room.window, self.room.inputs);
            for filter in self.filters.clone().step_by(F) {
                self.multiply::<V, F, B>(filter, chunk.tiles.div_ceil(V::COUNT));
                self.transform_output::<V, F>(filter, &chunk);
            }
        }
    }
}

impl<E: Element> Forward<'_, E> {
    /// The products at all places, of `F` filters and some registers of tiles.
    #[inline(always)]
    fn multiply<V: Lanes<E>, const F: usize, const B: usize>(&mut self, filter: usize, registers: usize) {
        for place in 0..PLACES {
            let mut register = 0;
            while register < registers {
                let left = registers - register;
                register += if left >= B {
                    self.block::<V, F, B>(place, filter, register)
                } else if left >= 2 && B > 2 {
                    self.block::<V, F, 2>(place, filter, register)
                } else {
                    self.block::<V, F, 1>(place, filter, register)
                };
            }
        }
    }

    /// The products at one place, of `F` filters and `B` registers of tiles; returns `B`.
    #[inline(always)]
    fn block<V: Lanes<E>, const F: usize, const B: usize>(
        &mut self,
        place: usize,
        filter: usize,
        register: usize,
    ) -> usize {
        let winograd = &self.winograd;
        let (channels, first) = (winograd.channels, register * V::COUNT);
        let inputs = &self.room.inputs[place * winograd.inputs_pitch()..][..channels * CHUNK];
        let weights = place * winograd.packed_pitch() + filter / V::COUNT * V::COUNT * channels;
        let weights = &self.packed[weights..][..channels * V::COUNT];
        let lane = filter % V::COUNT;
        let mut sums = [[V::splat(E::zero()); B]; F];
        for (inputs, weights) in inputs.as_chunks::<CHUNK>().0.iter().zip(weights.chunks_exact(V::COUNT)) {
            let weights: &[E; F] = weights[lane..].first_chunk().expect("blocks of filters fill a register");
            let mut x = [V::splat(E::zero()); B];
            for index in 0..B {
                x[index] = V::load(inputs, first + index * V::COUNT);
            }
            for filter in 0..F {
                let weight = V::splat(weights[filter]);
                for index in 0..B {
                    sums[filter][index] = sums[filter][index].multiply_add(x[index], weight);
                }
            }
        }
        let products = &mut self.room.products[place * PRODUCTS..][..F * CHUNK];
        for (sums, products) in sums.iter().zip(products.as_chunks_mut::<CHUNK>().0) {
            for index in 0..B {
                sums[index].store(products, first + index * V::COUNT);
            }
        }
        B
    }

    /// Aᵀ m A for a block of filters, written to where the tiles lie in the output.
    #[inline(always)]
    fn transform_output<V: Lanes<E>, const F: usize>(&mut self, first: usize, chunk: &Chunk) {
        let Winograd { output: [height, width], .. } = self.winograd;
        let targets = chunk.targets.as_slice();
        let mut lines = [E::zero(); 2 * LINE];
        for filter in first..self.filters.end.min(first + F) {
            let bias = V::splat(self.bias.get(filter).copied().unwrap_or_default());
            let mut tile = 0;
            while tile < chunk.tiles {
                let mut places = [V::splat(E::zero()); PLACES];
                for place in 0..PLACES {
                    let at = place * PRODUCTS + (filter - first) * CHUNK + tile;
                    places[place] = V::load(self.room.products, at);
                }
                let outputs = transform::output::<E, V>(places);
                for row in 0..2 {
                    let [mut even, mut odd] = [outputs[row][0].add(bias), outputs[row][1].add(bias)];
                    if self.epilogue == Activation::Relu {
                        [even, odd] = [even.relu(), odd.relu()];
                    }
                    let [front, back] = even.interleave(odd);
                    front.store(&mut lines, row * LINE + 2 * tile);
                    back.store(&mut lines, row * LINE + 2 * tile + V::COUNT);
                }
                tile += V::COUNT;
            }
            for target in targets {
                let y = &mut self.y[(filter - self.filters.start) * height * width + target.to..][..target.count];
                let mut column = 0;
                while column < y.len() {
                    V::load(&lines, target.from + column).store_first(&mut y[column..]);
                    column += V::COUNT;
                }
            }
        }
    }
}
