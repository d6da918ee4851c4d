//! The functions at every level, held against double precision.

use super::{exp, exp_m1, normal, sigmoid, softplus, tanh};
use crate::element::Element;
use crate::kernels::simd::{Kernel, Lanes, Level};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Exp,
    ExpM1,
    Sigmoid,
    Tanh,
    Softplus,
    Distribution,
    Density,
}

impl Function {
    fn value<E: Element, V: Lanes<E>>(self, x: V) -> V {
        match self {
            Self::Exp => exp(x),
            Self::ExpM1 => exp_m1(x),
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => tanh(x),
            Self::Softplus => softplus(x),
            Self::Distribution => normal(x).0,
            Self::Density => normal(x).1,
        }
    }

    fn expected(self, x: f64) -> f64 {
        match self {
            Self::Exp => x.exp(),
            Self::ExpM1 => x.exp_m1(),
            Self::Sigmoid if x < 0.0 => x.exp() / (1.0 + x.exp()),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::Distribution if x > 0.0 => 1.0 - upper_tail(x),
            Self::Distribution => upper_tail(-x),
            Self::Density => density(x),
        }
    }
}

fn density(x: f64) -> f64 {
    // e^(−x²/2) of x = head + rest, the square of the head being exact.
    let head = f64::from_bits(x.to_bits() & !0 << 27);
    (-0.5 * head * head).exp() * (-0.5 * (x - head) * (x + head)).exp() / core::f64::consts::TAU.sqrt()
}

/// Φ(−a): up to 1 by the series of Φ(a) − ½, beyond by the continued fraction.
fn upper_tail(a: f64) -> f64 {
    if a < 1.0 {
        let (mut term, mut sum) = (a, a);
        for k in 1..80 {
            term *= a * a / f64::from(2 * k + 1);
            sum += term;
        }
        return 0.5 - density(a) * sum;
    }
    density(a) / (1..600).rev().fold(a, |fraction, k| a + f64::from(k) / fraction)
}

struct Evaluate<'a, E> {
    function: Function,
    values: &'a mut [E],
}

impl<E: Element> Kernel<E> for Evaluate<'_, E> {
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        for values in self.values.chunks_mut(V::COUNT) {
            self.function.value(V::load_first(values)).store_first(values);
        }
    }
}

/// The largest error in units of the last place, which no unit is smaller than that of the smallest normal number.
fn worst<E: Element>(level: Level, function: Function, points: &[f64]) -> (f64, f64) {
    let x: Vec<E> = points.iter().map(|&x| E::from_f64(x)).collect();
    let mut y = x.clone();
    level.run(Evaluate { function, values: &mut y });
    let mut worst = (0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let expected = function.expected(x.as_f64());
        let largest = E::max_value().as_f64();
        let unit = expected.abs().max(E::min_positive_value().as_f64()) * E::epsilon().as_f64();
        let error = if expected > largest { f64::from(y.is_finite()) } else { (y.as_f64() - expected).abs() / unit };
        assert!(error.is_finite(), "{level:?}: {function:?}({x}) is {y}, not {expected}");
        worst = if error > worst.0 { (error, x.as_f64()) } else { worst };
    }
    worst
}

/// Points everywhere between two bounds, and close to 0.
fn points(from: f64, to: f64) -> Vec<f64> {
    let even = (0..=40_000).map(|index| from + (to - from) * f64::from(index) / 40_000.0);
    let small = (0..2_000).map(|index| from.abs().min(1.0) * (-0.01 * f64::from(index)).exp());
    even.chain(small.flat_map(|x| [-x, x])).filter(|x| (from..=to).contains(x)).collect()
}

fn check<E: Element>(function: Function, [from, to]: [f64; 2], fused: f64, unfused: f64) {
    for level in Level::available() {
        let (error, x) = worst::<E>(level, function, &points(from, to));
        println!("{level:?} {function:?} of {} bytes: {error:.2} at {x}", size_of::<E>());
        let bound = if level == Level::Portable { unfused } else { fused };
        assert!(error <= bound, "{level:?}: {function:?}({x}) is off by {error} units");
    }
}

#[test]
fn single_precision() {
    check::<f32>(Function::Exp, [-110.0, 95.0], 1.0, 1.0);
    check::<f32>(Function::ExpM1, [-110.0, 80.0], 2.0, 2.0);
    check::<f32>(Function::Sigmoid, [-80.0, 110.0], 2.0, 2.0);
    check::<f32>(Function::Tanh, [-30.0, 30.0], 2.0, 2.0);
    check::<f32>(Function::Softplus, [-80.0, 110.0], 2.0, 2.0);
    check::<f32>(Function::Distribution, [-13.0, 13.0], 4.0, 100.0);
    check::<f32>(Function::Density, [-13.0, 13.0], 4.0, 100.0);
}

#[test]
fn double_precision() {
    check::<f64>(Function::Exp, [-750.0, 720.0], 2.0, 2.0);
    check::<f64>(Function::ExpM1, [-750.0, 80.0], 2.0, 2.0);
    check::<f64>(Function::Sigmoid, [-700.0, 750.0], 2.0, 2.0);
    check::<f64>(Function::Tanh, [-30.0, 30.0], 2.0, 2.0);
    check::<f64>(Function::Softplus, [-700.0, 750.0], 2.0, 2.0);
    check::<f64>(Function::Distribution, [-37.0, 37.0], 8.0, 800.0);
    check::<f64>(Function::Density, [-37.0, 37.0], 8.0, 800.0);
}

#[test]
fn ends() {
    for level in Level::available() {
        let ends = [f64::NEG_INFINITY, -1e4, 0.0, 1e4, f64::INFINITY, f64::NAN];
        for (function, expected) in [
            (Function::Exp, [0.0, 0.0, 1.0, f64::INFINITY, f64::INFINITY]),
            (Function::Sigmoid, [0.0, 0.0, 0.5, 1.0, 1.0]),
            (Function::Tanh, [-1.0, -1.0, 0.0, 1.0, 1.0]),
            (Function::Softplus, [0.0, 0.0, 2f64.ln(), 1e4, f64::INFINITY]),
            (Function::Distribution, [0.0, 0.0, 0.5, 1.0, 1.0]),
        ] {
            let (mut double, mut single) = (ends, ends.map(f32::from_f64));
            level.run(Evaluate { function, values: &mut double });
            level.run(Evaluate { function, values: &mut single });
            assert!(double[5].is_nan() && single[5].is_nan(), "{level:?}: {function:?}(NaN)");
            for index in 0..5 {
                let close = |y: f64, tolerance: f64| y == expected[index] || (y - expected[index]).abs() <= tolerance;
                assert!(close(double[index], 1e-15), "{level:?}: {function:?} is {double:?}");
                assert!(close(single[index].into(), 1e-7), "{level:?}: {function:?} is {single:?}");
            }
        }
    }
}
