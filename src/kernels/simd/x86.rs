//! The levels of x86-64.
#![allow(unsafe_code)]

#[allow(clippy::wildcard_imports)] // some thirty names of one kind
use core::arch::x86_64::*;

use core::ops::{Add, Div, Mul, Sub};

use super::portable::Array;
use super::{Kernel, Lanes, Level};
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
        (Level::Avx2, 3) => unsafe { avx2::<E, 3, 4>(kernel) },
        // SAFETY: as above.
        (Level::Avx2, 6) => unsafe { avx2::<E, 6, 2>(kernel) },
        // SAFETY: as above.
        (Level::Avx2, _) => unsafe { avx2::<E, 4, 3>(kernel) },
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
        $pick:ident
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

lanes!(
    F32x8: 8 of f32 in __m256, mask mask_f32x8, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_loadu_ps, _mm256_maskload_ps, _mm256_storeu_ps, store_some_f32x8, _mm256_fmadd_ps,
    _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_div_ps, _mm256_max_ps, _mm256_min_ps,
    where_at_most_f32x8, scale_f32x8, interleave_f32x8, deinterleave_f32x8, pick_f32x8
);
lanes!(
    F64x4: 4 of f64 in __m256d, mask mask_f64x4, _mm256_set1_pd, _mm256_setzero_pd,
    _mm256_loadu_pd, _mm256_maskload_pd, _mm256_storeu_pd, store_some_f64x4, _mm256_fmadd_pd,
    _mm256_add_pd, _mm256_sub_pd, _mm256_mul_pd, _mm256_div_pd, _mm256_max_pd, _mm256_min_pd,
    where_at_most_f64x4, scale_f64x4, interleave_f64x4, deinterleave_f64x4, pick_f64x4
);
lanes!(
    F32x16: 16 of f32 in __m512, mask mask_f32x16, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_loadu_ps, load_masked_f32x16, _mm512_storeu_ps, store_some_f32x16, _mm512_fmadd_ps,
    _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps, _mm512_max_ps, _mm512_min_ps,
    where_at_most_f32x16, _mm512_scalef_ps, interleave_f32x16, deinterleave_f32x16, pick_f32x16
);
lanes!(
    F64x8: 8 of f64 in __m512d, mask mask_f64x8, _mm512_set1_pd, _mm512_setzero_pd,
    _mm512_loadu_pd, load_masked_f64x8, _mm512_storeu_pd, store_some_f64x8, _mm512_fmadd_pd,
    _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd, _mm512_div_pd, _mm512_max_pd, _mm512_min_pd,
    where_at_most_f64x8, _mm512_scalef_pd, interleave_f64x8, deinterleave_f64x8, pick_f64x8
);

#[inline]
#[target_feature(enable = "avx2")]
fn where_at_most_f32x8(x: __m256, bound: __m256, then: __m256, otherwise: __m256) -> __m256 {
    _mm256_blendv_ps(otherwise, then, _mm256_cmp_ps::<_CMP_LE_OQ>(x, bound))
}

#[inline]
#[target_feature(enable = "avx2")]
fn where_at_most_f64x4(x: __m256d, bound: __m256d, then: __m256d, otherwise: __m256d) -> __m256d {
    _mm256_blendv_pd(otherwise, then, _mm256_cmp_pd::<_CMP_LE_OQ>(x, bound))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn where_at_most_f32x16(x: __m512, bound: __m512, then: __m512, otherwise: __m512) -> __m512 {
    _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LE_OQ>(x, bound), otherwise, then)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn where_at_most_f64x8(x: __m512d, bound: __m512d, then: __m512d, otherwise: __m512d) -> __m512d {
    _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(x, bound), otherwise, then)
}

/// x · 2^exponent as two products, since the power itself may lie beyond the normal numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn scale_f32x8(x: __m256, exponent: __m256) -> __m256 {
    // With 1.5·2²³ added, an integer stands in the last bits.
    let shifter = _mm256_set1_ps(12_582_912.0);
    let first = _mm256_add_ps(_mm256_mul_ps(exponent, _mm256_set1_ps(0.5)), shifter);
    let second = _mm256_add_ps(_mm256_sub_ps(exponent, _mm256_sub_ps(first, shifter)), shifter);
    let power = |shifted: __m256| {
        let bits = _mm256_slli_epi32::<23>(_mm256_castps_si256(shifted));
        _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(127 << 23)))
    };
    _mm256_mul_ps(_mm256_mul_ps(x, power(first)), power(second))
}

/// x · 2^exponent as two products, since the power itself may lie beyond the normal numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn scale_f64x4(x: __m256d, exponent: __m256d) -> __m256d {
    // With 1.5·2⁵² added, an integer stands in the last bits.
    let shifter = _mm256_set1_pd(6_755_399_441_055_744.0);
    let first = _mm256_add_pd(_mm256_mul_pd(exponent, _mm256_set1_pd(0.5)), shifter);
    let second = _mm256_add_pd(_mm256_sub_pd(exponent, _mm256_sub_pd(first, shifter)), shifter);
    let power = |shifted: __m256d| {
        let bits = _mm256_slli_epi64::<52>(_mm256_castpd_si256(shifted));
        _mm256_castsi256_pd(_mm256_add_epi64(bits, _mm256_set1_epi64x(1023 << 52)))
    };
    _mm256_mul_pd(_mm256_mul_pd(x, power(first)), power(second))
}

#[inline]
#[target_feature(enable = "avx2")]
fn deinterleave_f32x8(a: __m256, b: __m256) -> [__m256; 2] {
    let order = |pairs: __m256| _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(pairs)));
    [order(_mm256_shuffle_ps::<0b10_00_10_00>(a, b)), order(_mm256_shuffle_ps::<0b11_01_11_01>(a, b))]
}

#[inline]
#[target_feature(enable = "avx2")]
fn deinterleave_f64x4(a: __m256d, b: __m256d) -> [__m256d; 2] {
    [_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)].map(|pairs| _mm256_permute4x64_pd::<0b11_01_10_00>(pairs))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn deinterleave_f32x16(a: __m512, b: __m512) -> [__m512; 2] {
    let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    [_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn deinterleave_f64x8(a: __m512d, b: __m512d) -> [__m512d; 2] {
    let even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    let odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    [_mm512_permutex2var_pd(a, even, b), _mm512_permutex2var_pd(a, odd, b)]
}

#[inline]
#[target_feature(enable = "avx2")]
fn pick_f32x8(maximum: __m256, later: __m256, kept: __m256, replaced: __m256) -> __m256 {
    let number = _mm256_cmp_ps::<_CMP_ORD_Q>(maximum, maximum);
    let below = _mm256_cmp_ps::<_CMP_NGE_UQ>(maximum, later);
    _mm256_blendv_ps(kept, replaced, _mm256_and_ps(number, below))
}

#[inline]
#[target_feature(enable = "avx2")]
fn pick_f64x4(maximum: __m256d, later: __m256d, kept: __m256d, replaced: __m256d) -> __m256d {
    let number = _mm256_cmp_pd::<_CMP_ORD_Q>(maximum, maximum);
    let below = _mm256_cmp_pd::<_CMP_NGE_UQ>(maximum, later);
    _mm256_blendv_pd(kept, replaced, _mm256_and_pd(number, below))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn pick_f32x16(maximum: __m512, later: __m512, kept: __m512, replaced: __m512) -> __m512 {
    let number = _mm512_cmp_ps_mask::<_CMP_ORD_Q>(maximum, maximum);
    let replace = _mm512_mask_cmp_ps_mask::<_CMP_NGE_UQ>(number, maximum, later);
    _mm512_mask_blend_ps(replace, kept, replaced)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn pick_f64x8(maximum: __m512d, later: __m512d, kept: __m512d, replaced: __m512d) -> __m512d {
    let number = _mm512_cmp_pd_mask::<_CMP_ORD_Q>(maximum, maximum);
    let replace = _mm512_mask_cmp_pd_mask::<_CMP_NGE_UQ>(number, maximum, later);
    _mm512_mask_blend_pd(replace, kept, replaced)
}

#[inline]
#[target_feature(enable = "avx2")]
fn interleave_f32x8(a: __m256, b: __m256) -> [__m256; 2] {
    let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    [_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)]
}

#[inline]
#[target_feature(enable = "avx2")]
fn interleave_f64x4(a: __m256d, b: __m256d) -> [__m256d; 2] {
    let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
    [_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn interleave_f32x16(a: __m512, b: __m512) -> [__m512; 2] {
    let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    [_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn interleave_f64x8(a: __m512d, b: __m512d) -> [__m512d; 2] {
    let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    [_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b)]
}

/// The first lanes of eight.
#[inline]
#[target_feature(enable = "avx2")]
fn mask_f32x8(lanes: usize) -> __m256i {
    let [a, b, c, d, e, f, g, h] = core::array::from_fn(|lane| if lane < lanes { -1 } else { 0 });
    _mm256_setr_epi32(a, b, c, d, e, f, g, h)
}

/// The first lanes of four.
#[inline]
#[target_feature(enable = "avx2")]
fn mask_f64x4(lanes: usize) -> __m256i {
    let [a, b, c, d] = core::array::from_fn(|lane| if lane < lanes { -1 } else { 0 });
    _mm256_setr_epi64x(a, b, c, d)
}

/// The first lanes of sixteen.
#[inline]
fn mask_f32x16(lanes: usize) -> __mmask16 {
    !(u16::MAX << lanes)
}

/// The first lanes of eight.
#[inline]
fn mask_f64x8(lanes: usize) -> __mmask8 {
    !(u8::MAX << lanes)
}

/// Writes fewer than eight lanes, in pieces: a masked store is some forty instructions within AMD's processors.
#[inline]
#[target_feature(enable = "avx2")]
fn store_some_f32x8(values: &mut [f32], lanes: __m256) {
    let mut left = _mm256_castps256_ps128(lanes);
    let (fours, rest) = values.as_chunks_mut::<4>();
    if let [four, ..] = fours {
        // SAFETY: four values are written.
        unsafe { _mm_storeu_ps(four.as_mut_ptr(), left) };
        left = _mm256_extractf128_ps::<1>(lanes);
    }
    let (twos, rest) = rest.as_chunks_mut::<2>();
    if let [two, ..] = twos {
        *two = [_mm_cvtss_f32(left), _mm_cvtss_f32(_mm_movehdup_ps(left))];
        left = _mm_movehl_ps(left, left);
    }
    if let [one, ..] = rest {
        *one = _mm_cvtss_f32(left);
    }
}

/// Writes fewer than four lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn store_some_f64x4(values: &mut [f64], lanes: __m256d) {
    let mut left = _mm256_castpd256_pd128(lanes);
    let (twos, rest) = values.as_chunks_mut::<2>();
    if let [two, ..] = twos {
        // SAFETY: two values are written.
        unsafe { _mm_storeu_pd(two.as_mut_ptr(), left) };
        left = _mm256_extractf128_pd::<1>(lanes);
    }
    if let [one, ..] = rest {
        *one = _mm_cvtsd_f64(left);
    }
}

/// Writes fewer than sixteen lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn store_some_f32x16(values: &mut [f32], lanes: __m512) {
    // SAFETY: the mask covers as many lanes as there are values.
    unsafe { _mm512_mask_storeu_ps(values.as_mut_ptr(), mask_f32x16(values.len()), lanes) }
}

/// Writes fewer than eight lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn store_some_f64x8(values: &mut [f64], lanes: __m512d) {
    // SAFETY: the mask covers as many lanes as there are values.
    unsafe { _mm512_mask_storeu_pd(values.as_mut_ptr(), mask_f64x8(values.len()), lanes) }
}

/// The values that a mask covers, and zeros.
///
/// # Safety
///
/// The values that the mask covers must lie behind `values`.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load_masked_f32x16(values: *const f32, mask: __mmask16) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe { _mm512_maskz_loadu_ps(mask, values) }
}

/// The values that a mask covers, and zeros.
///
/// # Safety
///
/// The values that the mask covers must lie behind `values`.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load_masked_f64x8(values: *const f64, mask: __mmask8) -> __m512d {
    // SAFETY: the caller's promise.
    unsafe { _mm512_maskz_loadu_pd(mask, values) }
}
