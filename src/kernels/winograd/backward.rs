//! The gradient of the weights.
//!
//! With v = Bᵀ d B as forward and m = A dy Aᵀ, the gradient of a filter on a channel is Gᵀ \[Σ over tiles of v ⊙ m\] G: at each
//! place a matrix product, channels × tiles times tiles × filters. Neighbouring filters sit in neighbouring lanes, for which dy
//! is turned around. The sums of all tiles are transformed once, at the end.

use super::tiles::Chunk;
use super::{BLOCK, CHUNK, LINE, PLACES, TAPS, Winograd, aligned, transform};
use crate::element::Element;
use crate::kernels::simd::{Kernel, Lanes, WIDEST};

impl Winograd {
    /// Values from one place of the gradients' sums to the next.
    #[inline(always)]
    const fn sums_pitch(&self) -> usize {
        self.channels.next_multiple_of(BLOCK) * self.filter_lanes()
    }

    /// Values from one place of a chunk's gradients to the next.
    #[inline(always)]
    const fn gradients_pitch(&self) -> usize {
        self.filter_lanes() * CHUNK + WIDEST
    }

    /// Values of scratch for the gradient of the weights.
    pub(super) const fn backward_weight_len(&self) -> usize {
        let places = PLACES * (self.sums_pitch() + self.inputs_pitch() + self.gradients_pitch());
        places + 2 * LINE * WIDEST + self.filter_lanes() + self.window_len() + WIDEST
    }

    pub(super) fn backward_weight_room<'a, E: Element>(&self, scratch: &'a mut [E]) -> Room<'a, E> {
        let (sums, rest) = aligned(scratch).split_at_mut(PLACES * self.sums_pitch());
        let (inputs, rest) = rest.split_at_mut(PLACES * self.inputs_pitch());
        let (gradients, rest) = rest.split_at_mut(PLACES * self.gradients_pitch());
        let (turned, rest) = rest.split_at_mut(2 * LINE * WIDEST);
        let (bias, window) = rest.split_at_mut(self.filter_lanes());
        Room { sums, inputs, gradients, turned, bias, window }
    }
}

/// What the pass works on.
pub(super) struct Room<'a, E> {
    /// Place, channel, filter.
    sums: &'a mut [E],
    /// Place, channel, tile of the chunk.
    inputs: &'a mut [E],
    /// Place, register of filters, tile of the chunk, lane.
    gradients: &'a mut [E],
    /// The two lines of a chunk's dy: position, filter of a register.
    turned: &'a mut [E],
    /// The sum of each filter's dy.
    bias: &'a mut [E],
    window: &'a mut [E],
}

/// The gradient of the weights over some samples.
pub(super) struct BackwardWeight<'a, E> {
    pub(super) winograd: Winograd,
    pub(super) x: &'a [E],
    pub(super) dy: &'a [E],
    pub(super) d_weight: &'a mut [E],
    pub(super) d_bias: &'a mut [E],
    pub(super) room: Room<'a, E>,
}

impl<E: Element> Kernel<E> for BackwardWeight<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        self.room.sums.fill(E::zero());
        self.room.bias.fill(E::zero());
        let tiles = self.winograd.tiles_of(self.x);
        for start in (0..tiles).step_by(CHUNK) {
            let chunk = Chunk::new(&self.winograd, start..tiles.min(start + CHUNK));
            self.winograd.transform_input::<E, V>(&chunk, self.x, self.room.window, self.room.inputs);
            for filter in (0..self.winograd.filters).step_by(V::COUNT) {
                self.transform_gradient::<V>(&chunk, filter);
            }
            self.multiply::<V, F, B>(chunk.tiles);
        }
        self.transform_sums::<V>();
        self.d_bias.iter_mut().zip(&*self.room.bias).for_each(|(d_bias, &sum)| *d_bias += sum);
    }
}

impl<E: Element> BackwardWeight<'_, E> {
    /// A dy Aᵀ of a chunk for a register of filters.
    #[inline(always)]
    fn transform_gradient<V: Lanes<E>>(&mut self, chunk: &Chunk, filter: usize) {
        let Winograd { filters, output: [height, width], .. } = self.winograd;
        let (pitch, turned) = (self.winograd.gradients_pitch(), &mut *self.room.turned);
        let dy = &self.dy[filter * height * width..];
        let rows = V::COUNT.min(filters - filter);
        let mut bias = V::load(self.room.bias, filter);
        if height % 2 == 1 {
            turned.fill(E::zero());
        }
        for target in chunk.targets.as_slice() {
            let dy = (&dy[target.to..], height * width, rows);
            bias = bias.add(turn::<E, V>(dy, target.count, &mut turned[target.from * V::COUNT..]));
        }
        bias.store(self.room.bias, filter);
        for tile in 0..chunk.tiles {
            let mut corners = [[V::splat(E::zero()); 2]; 2];
            for row in 0..2 {
                for column in 0..2 {
                    corners[row][column] = V::load(turned, (row * LINE + 2 * tile + column) * V::COUNT);
                }
            }
            let places = transform::gradient(corners);
            for place in 0..PLACES {
                places[place].store(self.room.gradients, place * pitch + filter * CHUNK + tile * V::COUNT);
            }
        }
    }

    /// Adds the products at all places of `tiles` tiles.
    #[inline(always)]
    fn multiply<V: Lanes<E>, const F: usize, const B: usize>(&mut self, tiles: usize) {
        let registers = self.winograd.filters.div_ceil(V::COUNT);
        for place in 0..PLACES {
            let mut register = 0;
            while register < registers {
                // Four registers go two and two; otherwise as many as a block has.
                let left = registers - register;
                register += if left >= 3 && left != 4 && B >= 3 {
                    self.channels::<V, F, 3>(place, register, tiles)
                } else if left >= 2 && B >= 2 {
                    self.channels::<V, F, 2>(place, register, tiles)
                } else {
                    self.channels::<V, F, 1>(place, register, tiles)
                };
            }
        }
    }

    /// The products at a place of all channels and `B` registers of filters; returns `B`.
    #[inline(always)]
    fn channels<V: Lanes<E>, const F: usize, const B: usize>(
        &mut self,
        place: usize,
        register: usize,
        tiles: usize,
    ) -> usize {
        for channel in (0..self.winograd.channels).step_by(F) {
            self.block::<V, F, B>(place, channel, register, tiles);
        }
        B
    }

    /// The products at a place of `F` channels and `B` registers of filters.
    #[inline(always)]
    fn block<V: Lanes<E>, const F: usize, const B: usize>(
        &mut self,
        place: usize,
        channel: usize,
        register: usize,
        tiles: usize,
    ) {
        let (winograd, lanes) = (&self.winograd, self.winograd.filter_lanes());
        let at = place * winograd.sums_pitch() + channel * lanes + register * V::COUNT;
        let kept = &mut self.room.sums[at..];
        let inputs = &self.room.inputs[place * winograd.inputs_pitch() + channel * CHUNK..];
        let inputs: &[[E; CHUNK]; F] = inputs.as_chunks().0.first_chunk().expect("channels fill a block");
        let gradients = &self.room.gradients[place * winograd.gradients_pitch() + register * V::COUNT * CHUNK..];
        let mut sums = [[V::splat(E::zero()); B]; F];
        for index in 0..F {
            for register in 0..B {
                sums[index][register] = V::load(kept, index * lanes + register * V::COUNT);
            }
        }
        for tile in 0..tiles.min(CHUNK) {
            let mut dy = [V::splat(E::zero()); B];
            for register in 0..B {
                dy[register] = V::load(gradients, (register * CHUNK + tile) * V::COUNT);
            }
            for index in 0..F {
                let x = V::splat(inputs[index][tile]);
                for register in 0..B {
                    sums[index][register] = sums[index][register].multiply_add(x, dy[register]);
                }
            }
        }
        for index in 0..F {
            for register in 0..B {
                sums[index][register].store(kept, index * lanes + register * V::COUNT);
            }
        }
    }

    /// Adds Gᵀ u G to the gradients of all weights.
    #[inline(always)]
    fn transform_sums<V: Lanes<E>>(&mut self) {
        let Winograd { channels, filters, .. } = self.winograd;
        let (pitch, lanes) = (self.winograd.sums_pitch(), self.winograd.filter_lanes());
        for first in (0..filters).step_by(V::COUNT) {
            for channel in 0..channels {
                let mut places = [V::splat(E::zero()); PLACES];
                for place in 0..PLACES {
                    places[place] = V::load(self.room.sums, place * pitch + channel * lanes + first);
                }
                let taps = transform::weight_gradient(places);
                for start in (0..TAPS).step_by(V::COUNT) {
                    let count = V::COUNT.min(TAPS - start);
                    let mut square = [V::splat(E::zero()); WIDEST];
                    square[..count].copy_from_slice(&taps[start..start + count]);
                    let square = V::transpose(square);
                    for lane in 0..V::COUNT.min(filters - first) {
                        let at = ((first + lane) * channels + channel) * TAPS + start;
                        let d_weight = &mut self.d_weight[at..at + count];
                        V::load_first(d_weight).add(square[lane]).store_first(d_weight);
                    }
                }
            }
        }
    }
}

/// Turns the first `count` values of some rows, `distance` apart, around: those at one position fill a register. Whole registers of
/// positions are written, with zeros from `count` on. Returns the sum of each row.
#[inline(always)]
fn turn<E: Element, V: Lanes<E>>((values, distance, rows): (&[E], usize, usize), count: usize, turned: &mut [E]) -> V {
    let mut sums = V::splat(E::zero());
    let mut position = 0;
    while position < count {
        let mut square = [V::splat(E::zero()); WIDEST];
        if position + V::COUNT <= count {
            for row in 0..rows {
                square[row] = V::load(values, row * distance + position);
            }
        } else {
            for row in 0..rows {
                square[row] = V::load_first(&values[row * distance..][position..count]);
            }
        }
        let square = V::transpose(square);
        for lane in 0..V::COUNT {
            square[lane].store(turned, (position + lane) * V::COUNT);
            sums = sums.add(square[lane]);
        }
        position += V::COUNT;
    }
    sums
}
