//! The exponential function and its relatives, on registers.
//!
//! Results are within 2 units in the last place (2⁻²³ or 2⁻⁵² of the result), Φ within 4, where they are normal numbers. At a level
//! that does not fuse multiplication and addition the far tails of the normal distribution lose up to nine bits.

use super::simd::Lanes;
use crate::element::Element;

/// What the functions of this file need to know of a type of numbers.
pub trait Constants: Sized + 'static {
    /// 1.5 · 2^p with p digits behind the point of 1: added to a number, it rounds it to an integer in its last bits.
    const SHIFTER: Self;
    /// 1 / ln 2.
    const LOG2_E: Self;
    /// ln 2 in two parts, the first so short that its product with an exponent is exact.
    const LN_2: [Self; 2];
    /// Bounds beyond which exp is 0 and infinity.
    const EXP_RANGE: [Self; 2];
    /// (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2.
    const EXP: &'static [Self];
    /// artanh(s) / s as a polynomial of s², for s ≤ 1/3.
    const ARTANH: &'static [Self];
    /// (a + [`TAIL_CENTRE`]) · e^(a²/2) · Φ(−a) as a polynomial of u = (a − c) / (a + c), c being that centre.
    const TAIL: &'static [Self];

    /// self · 2^exponent: see [`Lanes::scale`].
    #[must_use]
    fn scale(self, exponent: Self) -> Self;
}

/// Where the variable of [`Constants::TAIL`] is 0.
const TAIL_CENTRE: f64 = 3.5;

macro_rules! scale {
    ($bits:ty, $digits:literal, $bias:literal) => {
        #[inline(always)]
        fn scale(self, exponent: Self) -> Self {
            // Two products, since the power itself may lie beyond the normal numbers.
            let first = exponent * 0.5 + Self::SHIFTER;
            let second = exponent - (first - Self::SHIFTER) + Self::SHIFTER;
            let power = |shifted: Self| Self::from_bits((shifted.to_bits() << $digits).wrapping_add($bias << $digits));
            self * power(first) * power(second)
        }
    };
}

// The polynomials interpolate at the Chebyshev nodes, calculated with 60 digits.
impl Constants for f32 {
    const SHIFTER: Self = 12_582_912.0;
    const LOG2_E: Self = core::f32::consts::LOG2_E;
    const LN_2: [Self; 2] = [0.693_359_4, -2.121_944_4e-4];
    const EXP_RANGE: [Self; 2] = [-104.0, 89.0];
    const EXP: &'static [Self] = &[0.5, 0.166_665_76, 0.041_666_554, 0.008_363_293, 0.001_392_632_6];
    const ARTANH: &'static [Self] = &[1.0, 0.333_331_6, 0.200_122_98, 0.139_825_79, 0.140_788_89];
    const TAIL: &'static [Self] = &[
        0.744_416_1,
        -0.565_561_9,
        0.315_425_07,
        -0.116_049_044,
        0.017_406_058,
        0.006_465_234,
        -0.003_178_986,
        -4.177_686e-4,
        4.526_939_2e-4,
        3.463_52e-5,
        -4.976_689e-5,
    ];

    scale!(u32, 23, 127);
}

impl Constants for f64 {
    const SHIFTER: Self = 6_755_399_441_055_744.0;
    const LOG2_E: Self = core::f64::consts::LOG2_E;
    const LN_2: [Self; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    const EXP_RANGE: [Self; 2] = [-746.0, 710.0];
    const EXP: &'static [Self] = &[
        0.5,
        0.166_666_666_666_666_7,
        0.041_666_666_666_666_67,
        0.008_333_333_333_325_95,
        0.001_388_888_888_888_367,
        1.984_126_987_520_507_7e-4,
        2.480_158_732_558_228e-5,
        2.755_725_491_348_67e-6,
        2.755_727_329_553_972_4e-7,
        2.510_541_919_201_633_6e-8,
        2.091_483_135_438_041e-9,
    ];
    const ARTANH: &'static [Self] = &[
        1.0,
        0.333_333_333_333_330_75,
        0.200_000_000_000_928_74,
        0.142_857_142_727_270_57,
        0.111_111_120_403_738_37,
        0.090_908_704_162_524_02,
        0.076_933_070_211_520_04,
        0.066_501_870_163_373_12,
        0.060_550_843_640_346_09,
        0.041_622_532_559_304_1,
        0.085_220_817_813_906_99,
    ];
    const TAIL: &'static [Self] = &[
        0.744_416_075_435_938_1,
        -0.565_561_816_053_778_3,
        0.315_424_969_887_953_07,
        -0.116_050_928_714_146_82,
        0.017_407_832_602_008_85,
        0.006_476_218_921_988_362,
        -0.003_189_101_047_225_899,
        -4.450_129_803_793_889e-4,
        4.766_570_862_080_689e-4,
        6.703_347_468_087_045e-5,
        -7.558_452_919_877_664e-5,
        -1.879_009_479_231_414_4e-5,
        1.150_595_961_583_174_2e-5,
        5.655_736_737_369_348e-6,
        -1.162_794_325_432_032_4e-6,
        -1.487_240_660_041_369_4e-6,
        -1.481_045_801_188_859_4e-7,
        3.056_210_581_947_55e-7,
        1.309_811_565_998_956e-7,
        -3.998_025_351_606_463e-8,
        -4.280_207_002_309_672e-8,
        1.123_548_163_330_948_4e-9,
        8.307_935_518_618_024e-9,
        3.867_138_095_479_344e-10,
        -7.826_994_828_821_28e-10,
    ];

    scale!(u64, 52, 1023);
}

/// `value` in every lane.
#[inline(always)]
pub(crate) fn constant<E: Element, V: Lanes<E>>(value: f64) -> V {
    V::splat(E::from_f64(value))
}

/// Σ coefficient · xⁱ.
#[inline(always)]
fn polynomial<E: Element, V: Lanes<E>>(x: V, coefficients: &'static [E]) -> V {
    let mut sum = V::splat(coefficients[coefficients.len() - 1]);
    for index in (0..coefficients.len() - 1).rev() {
        sum = V::splat(coefficients[index]).multiply_add(sum, x);
    }
    sum
}

/// An integer n and eʳ − 1 with x = n · ln 2 + r and |r| ≤ ½ ln 2.
#[inline(always)]
fn reduced<E: Element, V: Lanes<E>>(x: V) -> (V, V) {
    let x = x.at_least(V::splat(E::EXP_RANGE[0])).at_most(V::splat(E::EXP_RANGE[1]));
    let shifter = V::splat(E::SHIFTER);
    let n = shifter.multiply_add(x, V::splat(E::LOG2_E)) - shifter;
    let [high, low] = E::LN_2.map(|part| V::splat(-part));
    let r = x.multiply_add(n, high).multiply_add(n, low);
    (n, r.multiply_add(r * r, polynomial(r, E::EXP)))
}

/// eˣ.
#[inline(always)]
pub(crate) fn exp<E: Element, V: Lanes<E>>(x: V) -> V {
    let (n, rest) = reduced(x);
    (constant::<E, V>(1.0) + rest).scale(n)
}

/// eˣ − 1 for x ≤ 80, exact to the last places for small x too.
#[inline(always)]
pub(crate) fn exp_m1<E: Element, V: Lanes<E>>(x: V) -> V {
    let (n, rest) = reduced(x);
    let one: V = constant(1.0);
    let power = one.scale(n);
    (power - one).multiply_add(rest, power)
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn sigmoid<E: Element, V: Lanes<E>>(x: V) -> V {
    let one: V = constant(1.0);
    one / (one + exp(constant::<E, V>(0.0) - x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh<E: Element, V: Lanes<E>>(x: V) -> V {
    // From 20 on it is 1.
    let x = x.at_least(constant(-20.0)).at_most(constant(20.0));
    let power = exp_m1(x + x);
    power / (power + constant(2.0))
}

/// ln(1 + eˣ).
#[inline(always)]
pub(crate) fn softplus<E: Element, V: Lanes<E>>(x: V) -> V {
    // max(x, 0) + ln(1 + u) with u = exp(−|x|), and ln(1 + u) = 2 artanh(u / (2 + u))
    let u = exp(x.at_most(constant::<E, V>(0.0) - x));
    let s = u / (u + constant(2.0));
    x.relu().multiply_add(s + s, polynomial(s * s, E::ARTANH))
}

/// The distribution function Φ of the standard normal distribution, and its density.
#[inline(always)]
pub(crate) fn normal<E: Element, V: Lanes<E>>(x: V) -> (V, V) {
    let [zero, one]: [V; 2] = [constant(0.0), constant(1.0)];
    let a = x.at_least(zero - x).at_most(constant(40.0));
    // e^(−a²/2), with what the square loses by rounding made good.
    let half = a * constant(0.5);
    let square = zero - a * half;
    let lost = square.multiply_add(a, half);
    let power = exp(square);
    let power = power - power * lost;
    let inverse = one / (a + constant(TAIL_CENTRE));
    let u = one - inverse * constant(2.0 * TAIL_CENTRE);
    let tail = power * inverse * polynomial(u, E::TAIL);
    let density = power * constant(0.398_942_280_401_432_7); // 1 / √(2π)
    (x.where_at_most(zero, tail, one - tail), density)
}

#[cfg(test)]
mod tests;
