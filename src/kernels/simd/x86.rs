//! The levels of x86-64.
#![allow(unsafe_code)]

mod operations;

#[allow(clippy::wildcard_imports)] // some thirty names of one kind
use core::arch::x86_64::*;

use core::ops::{Add, Div, Mul, Sub};

#[allow(clippy::wildcard_imports)] // as above
use self::operations::*;
use super::portable::Array;
use super::{Kernel, Lanes, Level, WIDEST, transpose_in_rounds};
use crate::element::Element;

/// The registers of an element type at every level.
pub trait Registers: Sized {
    /// 256 bits.
    #[allow(private_bounds)] // the levels are the crate's own
    type Avx2: Lanes<Self>;
    /// 512 bits.
    #[allow(private_bounds)]
    type Avx512: Lanes<Self>;
}

impl Registers for f32 {
    type Avx2 = F32x8;
    type Avx512 = F32x16;
}

impl Registers for f64 {
    type Avx2 = F64x4;
    type Avx512 = F64x8;
}

pub(super) fn is_available(level: Level) -> bool {
    match level {
        Level::Portable => true,
        Level::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        Level::Avx512 => {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw")
        }
    }
}

pub(super) const fn lanes<E: Element>(level: Level) -> usize {
    match level {
        Level::Portable => <Array<E> as Lanes<E>>::COUNT,
        Level::Avx2 => <E::Avx2 as Lanes<E>>::COUNT,
        Level::Avx512 => <E::Avx512 as Lanes<E>>::COUNT,
    }
}

pub(super) fn run<E: Element>(level: Level, kernel: impl Kernel<E>) {
    assert!(is_available(level), "{level:?} is not available on this processor");
    match level {
        Level::Portable => kernel.run::<Array<E>, 4, 1>(),
        // SAFETY: the processor has the features, as asserted above.
        Level::Avx2 => unsafe { avx2::<E, 4, 2>(kernel) },
        // SAFETY: the processor has the features, as asserted above.
        Level::Avx512 => unsafe { avx512::<E, 8, 3>(kernel) },
    }
}

pub(super) fn run_in_blocks<E: Element>(level: Level, block: usize, kernel: impl Kernel<E>) {
    if level == Level::Portable {
        return run(level, kernel);
    }
    assert!(is_available(level), "{level:?} is not available on this processor");
    match (level, block) {
        // SAFETY: the processor has the features, as asserted above; so in all blocks.
        (Level::Avx2, 6) => unsafe { avx2::<E, 6, 2>(kernel) },
        // SAFETY: as above.
        (Level::Avx2, _) => unsafe { avx2::<E, 3, 4>(kernel) },
        // SAFETY: as above.
        (_, 3) => unsafe { avx512::<E, 3, 7>(kernel) },
        // SAFETY: as above.
        (_, 4) => unsafe { avx512::<E, 4, 6>(kernel) },
        // SAFETY: as above.
        (_, 5) => unsafe { avx512::<E, 5, 4>(kernel) },
        // SAFETY: as above.
        (_, 6) => unsafe { avx512::<E, 6, 4>(kernel) },
        // SAFETY: as above.
        _ => unsafe { avx512::<E, 8, 3>(kernel) },
    }
}

#[target_feature(enable = "avx2,fma")]
fn avx2<E: Element, const F: usize, const B: usize>(kernel: impl Kernel<E>) {
    kernel.run::<E::Avx2, F, B>();
}

// All of x86-64-v4: with the first alone, shorter registers exist only up to the sixteenth, and a kernel that uses parts of
// its sums keeps them all in the first sixteen.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
fn avx512<E: Element, const F: usize, const B: usize>(kernel: impl Kernel<E>) {
    kernel.run::<E::Avx512, F, B>();
}

#[inline(always)]
fn register_at<T, const N: usize>(values: &[T], at: usize) -> &[T; N] {
    assert!(values.len().checked_sub(N).is_some_and(|last| at <= last), "a register of values");
    // SAFETY: as asserted, N values lie from `at` on.
    unsafe { &*values.as_ptr().add(at).cast() }
}

#[inline(always)]
fn register_at_mut<T, const N: usize>(values: &mut [T], at: usize) -> &mut [T; N] {
    assert!(values.len().checked_sub(N).is_some_and(|last| at <= last), "room for a register");
    // SAFETY: as asserted, N values lie from `at` on.
    unsafe { &mut *values.as_mut_ptr().add(at).cast() }
}

macro_rules! lanes {
    (
        $name:ident: $count:literal of $element:ident in $register:ty, mask $mask:ident, $set:ident, $zero:ident,
        $load:ident, $load_masked:ident, $store:ident, $store_some:ident, $fmadd:ident, $add:ident, $sub:ident, $mul:ident,
        $div:ident, $max:ident, $min:ident, $where_at_most:ident, $scale:ident, $interleave:ident, $deinterleave:ident,
        $pick:ident, $transpose:ident
    ) => {
        /// A register. Only `run` hands it to kernels, and so only where the processor has the features.
        #[derive(Clone, Copy)]
        pub struct $name($register);

        impl Lanes<$element> for $name {
            const COUNT: usize = $count;

            #[inline(always)]
            fn splat(value: $element) -> Self {
                // SAFETY: a kernel runs on this type only where the processor has the features.
                Self(unsafe { $set(value) })
            }

            #[inline(always)]
            fn load(values: &[$element], at: usize) -> Self {
                let values: &[$element; $count] = register_at(values, at);
                // SAFETY: as in `splat`; the array is as long as the register.
                Self(unsafe { $load(values.as_ptr()) })
            }

            #[inline(always)]
            fn load_first(values: &[$element]) -> Self {
                match values.first_chunk::<$count>() {
                    Some(values) => Self::load(values, 0),
                    // SAFETY: as in `splat`; the mask covers as many lanes as there are values.
                    None => Self(unsafe { $load_masked(values.as_ptr(), $mask(values.len())) }),
                }
            }

            #[inline(always)]
            fn store(self, values: &mut [$element], at: usize) {
                let values: &mut [$element; $count] = register_at_mut(values, at);
                // SAFETY: as in `splat`; the array is as long as the register.
                unsafe { $store(values.as_mut_ptr(), self.0) }
            }

            #[inline(always)]
            fn store_first(self, values: &mut [$element]) {
                match values.first_chunk_mut::<$count>() {
                    // SAFETY: as in `splat`; the array is as long as the register.
                    Some(values) => unsafe { $store(values.as_mut_ptr(), self.0) },
                    // SAFETY: as in `splat`.
                    None => unsafe { $store_some(values, self.0) },
                }
            }

            #[inline(always)]
            fn multiply_add(self, a: Self, b: Self) -> Self {
                // SAFETY: as in `splat`.
                Self(unsafe { $fmadd(a.0, b.0, self.0) })
            }

            #[inline(always)]
            fn at_least(self, bound: Self) -> Self {
                // SAFETY: as in `splat`. The instruction gives its second operand if one is NaN.
                Self(unsafe { $max(bound.0, self.0) })
            }

            #[inline(always)]
            fn at_most(self, bound: Self) -> Self {
                // SAFETY: as in `splat`. The instruction gives its second operand if one is NaN.
                Self(unsafe { $min(bound.0, self.0) })
            }

            #[inline(always)]
            fn relu(self) -> Self {
                // SAFETY: as in `splat`. The instruction gives its second operand if one is NaN.
                Self(unsafe { $max($zero(), self.0) })
            }

            #[inline(always)]
            fn where_at_most(self, bound: Self, then: Self, otherwise: Self) -> Self {
                // SAFETY: as in `splat`.
                Self(unsafe { $where_at_most(self.0, bound.0, then.0, otherwise.0) })
            }

            #[inline(always)]
            fn scale(self, exponent: Self) -> Self {
                // SAFETY: as in `splat`.
                Self(unsafe { $scale(self.0, exponent.0) })
            }

            #[inline(always)]
            fn interleave(self, other: Self) -> [Self; 2] {
                // SAFETY: as in `splat`.
                let [low, high] = unsafe { $interleave(self.0, other.0) };
                [Self(low), Self(high)]
            }

            #[inline(always)]
            fn deinterleave(self, other: Self) -> [Self; 2] {
                // SAFETY: as in `splat`.
                let [even, odd] = unsafe { $deinterleave(self.0, other.0) };
                [Self(even), Self(odd)]
            }

            #[inline(always)]
            fn transpose(square: [Self; WIDEST]) -> [Self; WIDEST] {
                $transpose(square)
            }

            #[inline(always)]
            fn pick(self, later: Self, kept: Self, replaced: Self) -> Self {
                // SAFETY: as in `splat`.
                Self(unsafe { $pick(self.0, later.0, kept.0, replaced.0) })
            }
        }

        lanes!(@operators $name: Add add $add, Sub sub $sub, Mul mul $mul, Div div $div);
    };
    (@operators $name:ident: $($operator:ident $method:ident $instruction:ident),*) => { $(
        impl $operator for $name {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a kernel runs on this type only where the processor has the features.
                Self(unsafe { $instruction(self.0, other.0) })
            }
        }
    )* };
}

/// Half as many instructions as in rounds.
#[inline(always)]
fn transpose_f32x8(mut square: [F32x8; WIDEST]) -> [F32x8; WIDEST] {
    let [a, b, c, d, e, f, g, h, ..] = square;
    // SAFETY: a kernel runs on this type only where the processor has the features.
    let turned = unsafe { transpose_eight([a.0, b.0, c.0, d.0, e.0, f.0, g.0, h.0]) };
    for index in 0..8 {
        square[index] = F32x8(turned[index]);
    }
    square
}

lanes!(
    F32x8: 8 of f32 in __m256, mask mask_f32x8, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_loadu_ps, _mm256_maskload_ps, _mm256_storeu_ps, store_some_f32x8, _mm256_fmadd_ps,
    _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_div_ps, _mm256_max_ps, _mm256_min_ps,
    where_at_most_f32x8, scale_f32x8, interleave_f32x8, deinterleave_f32x8, pick_f32x8, transpose_f32x8
);
lanes!(
    F64x4: 4 of f64 in __m256d, mask mask_f64x4, _mm256_set1_pd, _mm256_setzero_pd,
    _mm256_loadu_pd, _mm256_maskload_pd, _mm256_storeu_pd, store_some_f64x4, _mm256_fmadd_pd,
    _mm256_add_pd, _mm256_sub_pd, _mm256_mul_pd, _mm256_div_pd, _mm256_max_pd, _mm256_min_pd,
    where_at_most_f64x4, scale_f64x4, interleave_f64x4, deinterleave_f64x4, pick_f64x4, transpose_in_rounds
);
lanes!(
    F32x16: 16 of f32 in __m512, mask mask_f32x16, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_loadu_ps, load_masked_f32x16, _mm512_storeu_ps, store_some_f32x16, _mm512_fmadd_ps,
    _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps, _mm512_max_ps, _mm512_min_ps,
    where_at_most_f32x16, _mm512_scalef_ps, interleave_f32x16, deinterleave_f32x16, pick_f32x16, transpose_in_rounds
);
lanes!(
    F64x8: 8 of f64 in __m512d, mask mask_f64x8, _mm512_set1_pd, _mm512_setzero_pd,
    _mm512_loadu_pd, load_masked_f64x8, _mm512_storeu_pd, store_some_f64x8, _mm512_fmadd_pd,
    _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd, _mm512_div_pd, _mm512_max_pd, _mm512_min_pd,
    where_at_most_f64x8, _mm512_scalef_pd, interleave_f64x8, deinterleave_f64x8, pick_f64x8, transpose_in_rounds
);
