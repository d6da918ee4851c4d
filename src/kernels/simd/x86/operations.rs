//! Operations that are no single instruction: each does on a register what the method of [`Lanes`](super::Lanes) says that is called
//! alike.

#[allow(clippy::wildcard_imports)] // some thirty names of one kind
use core::arch::x86_64::*;

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn where_at_most_f32x8(x: __m256, bound: __m256, then: __m256, otherwise: __m256) -> __m256 {
    _mm256_blendv_ps(otherwise, then, _mm256_cmp_ps::<_CMP_LE_OQ>(x, bound))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn where_at_most_f64x4(x: __m256d, bound: __m256d, then: __m256d, otherwise: __m256d) -> __m256d {
    _mm256_blendv_pd(otherwise, then, _mm256_cmp_pd::<_CMP_LE_OQ>(x, bound))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn where_at_most_f32x16(x: __m512, bound: __m512, then: __m512, otherwise: __m512) -> __m512 {
    _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LE_OQ>(x, bound), otherwise, then)
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn where_at_most_f64x8(x: __m512d, bound: __m512d, then: __m512d, otherwise: __m512d) -> __m512d {
    _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(x, bound), otherwise, then)
}

/// x · 2^exponent as two products, since the power itself may lie beyond the normal numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn scale_f32x8(x: __m256, exponent: __m256) -> __m256 {
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
pub(super) fn scale_f64x4(x: __m256d, exponent: __m256d) -> __m256d {
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
pub(super) fn deinterleave_f32x8(a: __m256, b: __m256) -> [__m256; 2] {
    let order = |pairs: __m256| _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(pairs)));
    [order(_mm256_shuffle_ps::<0b10_00_10_00>(a, b)), order(_mm256_shuffle_ps::<0b11_01_11_01>(a, b))]
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn deinterleave_f64x4(a: __m256d, b: __m256d) -> [__m256d; 2] {
    [_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)].map(|pairs| _mm256_permute4x64_pd::<0b11_01_10_00>(pairs))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn deinterleave_f32x16(a: __m512, b: __m512) -> [__m512; 2] {
    let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    [_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn deinterleave_f64x8(a: __m512d, b: __m512d) -> [__m512d; 2] {
    let even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    let odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    [_mm512_permutex2var_pd(a, even, b), _mm512_permutex2var_pd(a, odd, b)]
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn pick_f32x8(maximum: __m256, later: __m256, kept: __m256, replaced: __m256) -> __m256 {
    let number = _mm256_cmp_ps::<_CMP_ORD_Q>(maximum, maximum);
    let below = _mm256_cmp_ps::<_CMP_NGE_UQ>(maximum, later);
    _mm256_blendv_ps(kept, replaced, _mm256_and_ps(number, below))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn pick_f64x4(maximum: __m256d, later: __m256d, kept: __m256d, replaced: __m256d) -> __m256d {
    let number = _mm256_cmp_pd::<_CMP_ORD_Q>(maximum, maximum);
    let below = _mm256_cmp_pd::<_CMP_NGE_UQ>(maximum, later);
    _mm256_blendv_pd(kept, replaced, _mm256_and_pd(number, below))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn pick_f32x16(maximum: __m512, later: __m512, kept: __m512, replaced: __m512) -> __m512 {
    let number = _mm512_cmp_ps_mask::<_CMP_ORD_Q>(maximum, maximum);
    let replace = _mm512_mask_cmp_ps_mask::<_CMP_NGE_UQ>(number, maximum, later);
    _mm512_mask_blend_ps(replace, kept, replaced)
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn pick_f64x8(maximum: __m512d, later: __m512d, kept: __m512d, replaced: __m512d) -> __m512d {
    let number = _mm512_cmp_pd_mask::<_CMP_ORD_Q>(maximum, maximum);
    let replace = _mm512_mask_cmp_pd_mask::<_CMP_NGE_UQ>(number, maximum, later);
    _mm512_mask_blend_pd(replace, kept, replaced)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn interleave_f32x8(a: __m256, b: __m256) -> [__m256; 2] {
    let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    [_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)]
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn interleave_f64x4(a: __m256d, b: __m256d) -> [__m256d; 2] {
    let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
    [_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high)]
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn interleave_f32x16(a: __m512, b: __m512) -> [__m512; 2] {
    let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    [_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b)]
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn interleave_f64x8(a: __m512d, b: __m512d) -> [__m512d; 2] {
    let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    [_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b)]
}

/// The first lanes of eight.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn mask_f32x8(lanes: usize) -> __m256i {
    let lanes = _mm256_set1_epi32(i32::try_from(lanes).unwrap_or(i32::MAX));
    _mm256_cmpgt_epi32(lanes, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

/// The first lanes of four.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn mask_f64x4(lanes: usize) -> __m256i {
    let lanes = _mm256_set1_epi64x(i64::try_from(lanes).unwrap_or(i64::MAX));
    _mm256_cmpgt_epi64(lanes, _mm256_setr_epi64x(0, 1, 2, 3))
}

/// The first lanes of sixteen.
#[inline]
pub(super) fn mask_f32x16(lanes: usize) -> __mmask16 {
    !(u16::MAX << lanes)
}

/// The first lanes of eight.
#[inline]
pub(super) fn mask_f64x8(lanes: usize) -> __mmask8 {
    !(u8::MAX << lanes)
}

/// Writes fewer than eight lanes, in pieces: a masked store is some forty instructions within AMD's processors.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store_some_f32x8(values: &mut [f32], lanes: __m256) {
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
pub(super) fn store_some_f64x4(values: &mut [f64], lanes: __m256d) {
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
pub(super) fn store_some_f32x16(values: &mut [f32], lanes: __m512) {
    // SAFETY: the mask covers as many lanes as there are values.
    unsafe { _mm512_mask_storeu_ps(values.as_mut_ptr(), mask_f32x16(values.len()), lanes) }
}

/// Writes fewer than eight lanes.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store_some_f64x8(values: &mut [f64], lanes: __m512d) {
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
pub(super) unsafe fn load_masked_f32x16(values: *const f32, mask: __mmask16) -> __m512 {
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
pub(super) unsafe fn load_masked_f64x8(values: *const f64, mask: __mmask8) -> __m512d {
    // SAFETY: the caller's promise.
    unsafe { _mm512_maskz_loadu_pd(mask, values) }
}

/// Turns the squares of two by two numbers around, of two by two pairs, and of two by two halves.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn transpose_eight([a, b, c, d, e, f, g, h]: [__m256; 8]) -> [__m256; 8] {
    let numbers = |a, b| [_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)];
    let pairs = |a, b| [_mm256_shuffle_ps::<0b01_00_01_00>(a, b), _mm256_shuffle_ps::<0b11_10_11_10>(a, b)];
    let halves = |a, b| [_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b)];
    let ([a, b], [c, d]) = (numbers(a, b), numbers(c, d));
    let ([e, f], [g, h]) = (numbers(e, f), numbers(g, h));
    let ([a, c], [b, d]) = (pairs(a, c), pairs(b, d));
    let ([e, g], [f, h]) = (pairs(e, g), pairs(f, h));
    let ([a, e], [c, g], [b, f], [d, h]) = (halves(a, e), halves(c, g), halves(b, f), halves(d, h));
    [a, c, b, d, e, g, f, h]
}
