//! Registers of numbers, chosen when the program runs: AVX-512, AVX2 with FMA, or arrays that any compiler can
//! vectorise.
//!
//! A kernel is written once, generic over `Lanes`; `Level::run` holds it compiled for each level and picks one.

#[cfg(not(target_arch = "x86_64"))]
mod other;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(not(target_arch = "x86_64"))]
use other as native;
#[cfg(target_arch = "x86_64")]
use x86 as native;

use core::ops::{Add, Div, Mul, Sub};

use crate::element::Element;

pub(crate) use native::Registers;

/// Lanes of the widest register.
pub(crate) const WIDEST: usize = 16;

/// A register of numbers of type `E`; the operators work lane by lane.
pub(crate) trait Lanes<E>:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// How many it holds.
    const COUNT: usize;

    /// The same value in every lane.
    fn splat(value: E) -> Self;

    /// The first `COUNT` values from position `at` on.
    fn load(values: &[E], at: usize) -> Self;

    /// Values from the front of `values`, and zeros where there are too few.
    fn load_first(values: &[E]) -> Self;

    /// Writes all lanes, from position `at` on.
    fn store(self, values: &mut [E], at: usize);

    /// Writes as many lanes as there is room for, from the first on.
    fn store_first(self, values: &mut [E]);

    /// self + a·b, lane by lane.
    fn multiply_add(self, a: Self, b: Self) -> Self;

    /// max(self, bound), lane by lane; NaN stays NaN.
    fn at_least(self, bound: Self) -> Self;

    /// min(self, bound), lane by lane; NaN stays NaN.
    fn at_most(self, bound: Self) -> Self;

    /// max(self, 0), lane by lane; NaN stays NaN.
    fn relu(self) -> Self;

    /// The lanes of `then` where self ≤ bound, those of `otherwise` where it is larger or NaN.
    fn where_at_most(self, bound: Self, then: Self, otherwise: Self) -> Self;

    /// self · 2^exponent, for integers that bring the smallest normal number to 0 or 1 to infinity at the most.
    fn scale(self, exponent: Self) -> Self;

    /// The lanes of both in turn: the first half of them, and the second.
    fn interleave(self, other: Self) -> [Self; 2];

    /// The inverse of [`interleave`](Lanes::interleave): every second lane of the two, and the others.
    fn deinterleave(self, other: Self) -> [Self; 2];

    /// Turns a square of registers around: lane i of register j becomes lane j of register i. Of `WIDEST` registers the first `COUNT`
    /// count.
    fn transpose(square: [Self; WIDEST]) -> [Self; WIDEST];

    /// A lane of `replaced` where `later` takes the place of this maximum so far, of `kept` where it does not: the first of
    /// equals stays, and NaN is the largest.
    fn pick(self, later: Self, kept: Self, replaced: Self) -> Self;
}

/// A computation that is compiled for every level.
pub(crate) trait Kernel<E> {
    /// Runs on registers of type `V`; a block of `F` × `B` of them, and a few more, are what the processor has.
    ///
    /// To be marked `#[inline(always)]`, as is everything it calls that works on `V`.
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self);
}

/// [`Lanes::transpose`] by interleaving.
#[inline(always)]
fn transpose_in_rounds<E, V: Lanes<E>>(mut square: [V; WIDEST]) -> [V; WIDEST] {
    // Each round deals the two halves of the square into each other; after log₂ COUNT rounds it is turned.
    let half = V::COUNT / 2;
    let mut round = 1;
    while round < V::COUNT {
        let before = square;
        for index in 0..half {
            [square[2 * index], square[2 * index + 1]] = before[index].interleave(before[index + half]);
        }
        round *= 2;
    }
    square
}

/// What makes one value of two.
pub(crate) trait Join<E> {
    fn join<V: Lanes<E>>(first: V, later: V) -> V;
}

/// The sum of both.
pub(crate) struct Sum;

impl<E> Join<E> for Sum {
    #[inline(always)]
    fn join<V: Lanes<E>>(first: V, later: V) -> V {
        first.add(later)
    }
}

/// Joins the lanes of each register, the upper half of them to the lower half until one is left: lane i is what becomes of register i.
/// Of `WIDEST` registers the first `V::COUNT` count.
#[inline(always)]
pub(crate) fn fold_lanes<E, J: Join<E>, V: Lanes<E>>(mut registers: [V; WIDEST]) -> V {
    // Each round joins the two halves of a register, and so brings two registers into one. Bounds are constants, so that it unrolls.
    for round in 1..=WIDEST.ilog2() {
        let half = V::COUNT >> round;
        for index in 0..WIDEST / 2 {
            if index < half {
                let [low, high] = registers[index].interleave(registers[index + half]);
                registers[index] = J::join(low, high);
            }
        }
    }
    registers[0]
}

/// Adds up the lanes of each register: lane i is the sum of register i.
#[inline(always)]
pub(crate) fn sum_lanes<E, V: Lanes<E>>(registers: [V; WIDEST]) -> V {
    fold_lanes::<E, Sum, V>(registers)
}

/// sums\[i\]\[j\] += a\[i\] · b\[j\]. The fewer of the factors are kept and the others taken one by one, so that few registers are
/// needed besides those of the sums.
#[inline(always)]
pub(crate) fn add_products<E: Element, V: Lanes<E>, const F: usize, const B: usize>(
    sums: &mut [[V; B]; F],
    a: impl Fn(usize) -> V,
    b: impl Fn(usize) -> V,
) {
    if const { F < B } {
        let mut kept = [V::splat(E::zero()); F];
        for i in 0..F {
            kept[i] = a(i);
        }
        for j in 0..B {
            let b = b(j);
            for i in 0..F {
                sums[i][j] = sums[i][j].multiply_add(b, kept[i]);
            }
        }
    } else {
        let mut kept = [V::splat(E::zero()); B];
        for j in 0..B {
            kept[j] = b(j);
        }
        for i in 0..F {
            let a = a(i);
            for j in 0..B {
                sums[i][j] = sums[i][j].multiply_add(kept[j], a);
            }
        }
    }
}

/// What the processor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Plain arrays.
    Portable,
    /// 256-bit registers with fused multiply-add.
    Avx2,
    /// 512-bit registers, and all that x86-64-v4 asks for.
    Avx512,
}

impl Level {
    /// The levels that this processor has, the best last.
    pub fn available() -> impl Iterator<Item = Self> {
        [Self::Portable, Self::Avx2, Self::Avx512].into_iter().filter(|&level| native::is_available(level))
    }

    /// The best level that this processor has.
    #[must_use]
    pub fn best() -> Self {
        [Self::Avx512, Self::Avx2].into_iter().find(|&level| native::is_available(level)).unwrap_or(Self::Portable)
    }

    /// Values of a register.
    #[must_use]
    pub const fn lanes<E: Element>(self) -> usize {
        native::lanes::<E>(self)
    }

    /// The `F` of [`Kernel::run`] that wastes least on `count` things in blocks of `F`, for [`run_in_blocks`](Self::run_in_blocks).
    pub(crate) fn block(self, count: usize) -> usize {
        match self {
            Self::Portable => 4,
            Self::Avx2 => least_left_over(count, [6, 3]),
            Self::Avx512 => least_left_over(count, [8, 6, 5, 4, 3]),
        }
    }

    /// Runs a kernel at this level with `F` as [`block`](Self::block) says.
    ///
    /// # Panics
    ///
    /// If the processor does not have the level.
    pub(crate) fn run_in_blocks<E: Element>(self, block: usize, kernel: impl Kernel<E>) {
        native::run_in_blocks(self, block, kernel);
    }

    /// Runs a kernel at this level.
    ///
    /// # Panics
    ///
    /// If the processor does not have it.
    pub(crate) fn run<E: Element>(self, kernel: impl Kernel<E>) {
        native::run(self, kernel);
    }
}

/// What `count` things are filled up to in blocks, at most.
pub(crate) const fn in_blocks(count: usize) -> usize {
    let (threes, fours) = (count.next_multiple_of(3), count.next_multiple_of(4));
    if threes > fours { threes } else { fours }
}

/// The first of these sizes that cuts `count` into blocks with the least left over.
fn least_left_over<const N: usize>(count: usize, sizes: [usize; N]) -> usize {
    sizes.into_iter().min_by_key(|&size| count.next_multiple_of(size)).unwrap_or(1)
}

/// What a kernel may use of the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processor {
    /// The registers.
    pub level: Level,
    /// How many threads.
    pub threads: usize,
}

impl Processor {
    /// The best registers, on `threads` threads.
    #[must_use]
    pub fn best(threads: usize) -> Self {
        Self { level: Level::best(), threads }
    }

    /// Parts that `work` multiply-accumulates are worth cutting into.
    pub(crate) const fn parts(self, work: usize) -> usize {
        if work < PART_WORK { 1 } else { self.threads }
    }
}

/// Multiply-accumulates below which a second thread costs more than it saves.
const PART_WORK: usize = 2_000_000;

#[cfg(test)]
mod tests {
    use super::{Kernel, Lanes, Level, WIDEST};
    use crate::element::Element;

    /// Writes 1, 2, 3 … to the values, as many as there are lanes for.
    struct Count<'a, E>(&'a mut [E]);

    impl<E: Element> Kernel<E> for Count<'_, E> {
        #[inline(always)]
        fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
            let mut numbers = [E::zero(); WIDEST];
            for lane in 0..WIDEST {
                numbers[lane] = E::from_f64(lane as f64 + 1.0);
            }
            V::load(&numbers, 0).store_first(self.0);
        }
    }

    fn check<E: Element>() {
        for level in Level::available() {
            for len in 0..=WIDEST + 1 {
                let mut values = [E::zero(); WIDEST + 2];
                level.run(Count(&mut values[..len]));
                for (place, value) in values.iter().enumerate() {
                    let written = place < len.min(level.lanes::<E>());
                    let expected = if written { place as f64 + 1.0 } else { 0.0 };
                    assert_eq!(value.as_f64(), expected, "value {place} of {len} at {level:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_lanes_are_stored_and_no_others() {
        check::<f32>();
        check::<f64>();
    }
}
