//! The transforms of F(2×2, 3×3) on registers: along the columns, then along the rows.
//!
//! ```text
//!      ⎡1  0 −1  0⎤        ⎡ 1   0   0⎤
//! Bᵀ = ⎢0  1  1  0⎥    G = ⎢ ½   ½   ½⎥    Aᵀ = ⎡1  1  1  0⎤
//!      ⎢0 −1  1  0⎥        ⎢ ½  −½   ½⎥         ⎣0  1 −1  1⎦
//!      ⎣0 −1  0  1⎦        ⎣ 0   0   1⎦
//! ```
//!
//! As in the paper, but for the sign of the last rows of Bᵀ and of the last column of Aᵀ, which saves a negation.

use super::{PLACES, TAPS};
use crate::element::Element;
use crate::kernels::simd::Lanes;

/// a − b.
#[inline(always)]
fn difference<E: Element, V: Lanes<E>>(a: V, b: V) -> V {
    a.multiply_add(b, V::splat(-E::one()))
}

/// Bᵀ d.
#[inline(always)]
pub(super) fn input_line<E: Element, V: Lanes<E>>([a, b, c, d]: [V; 4]) -> [V; 4] {
    [difference(a, c), b.add(c), difference(c, b), difference(d, b)]
}

/// Aᵀ m.
#[inline(always)]
fn output_line<E: Element, V: Lanes<E>>([a, b, c, d]: [V; 4]) -> [V; 2] {
    [a.add(b).add(c), difference(b, c).add(d)]
}

/// G g.
#[inline(always)]
fn weight_line<E: Element, V: Lanes<E>>([a, b, c]: [V; 3]) -> [V; 4] {
    let half = V::splat(E::from_f64(0.5));
    let outer = V::splat(E::zero()).multiply_add(a.add(c), half);
    [a, outer.multiply_add(b, half), outer.multiply_add(b, V::splat(E::from_f64(-0.5))), c]
}

/// Aᵀ m A.
#[inline(always)]
pub(super) fn output<E: Element, V: Lanes<E>>(places: [V; PLACES]) -> [[V; 2]; 2] {
    let mut rows = [[V::splat(E::zero()); 4]; 2];
    for column in 0..4 {
        let line = output_line([places[column], places[4 + column], places[8 + column], places[12 + column]]);
        for row in 0..2 {
            rows[row][column] = line[row];
        }
    }
    [output_line(rows[0]), output_line(rows[1])]
}

/// G g Gᵀ.
#[inline(always)]
pub(super) fn weight<E: Element, V: Lanes<E>>(taps: [V; TAPS]) -> [V; PLACES] {
    let mut rows = [[V::splat(E::zero()); 3]; 4];
    for column in 0..3 {
        let line = weight_line([taps[column], taps[3 + column], taps[6 + column]]);
        for row in 0..4 {
            rows[row][column] = line[row];
        }
    }
    let mut places = [V::splat(E::zero()); PLACES];
    for row in 0..4 {
        let line = weight_line(rows[row]);
        for column in 0..4 {
            places[4 * row + column] = line[column];
        }
    }
    places
}

/// A y.
#[inline(always)]
fn gradient_line<E: Element, V: Lanes<E>>([a, b]: [V; 2]) -> [V; 4] {
    [a, a.add(b), difference(a, b), b]
}

/// Gᵀ u.
#[inline(always)]
fn weight_gradient_line<E: Element, V: Lanes<E>>([a, b, c, d]: [V; 4]) -> [V; 3] {
    let half = V::splat(E::from_f64(0.5));
    let sum = b.add(c);
    [a.multiply_add(sum, half), V::splat(E::zero()).multiply_add(difference(b, c), half), d.multiply_add(sum, half)]
}

/// A y Aᵀ.
#[inline(always)]
pub(super) fn gradient<E: Element, V: Lanes<E>>(tile: [[V; 2]; 2]) -> [V; PLACES] {
    let left = gradient_line([tile[0][0], tile[1][0]]);
    let right = gradient_line([tile[0][1], tile[1][1]]);
    let mut places = [V::splat(E::zero()); PLACES];
    for row in 0..4 {
        let line = gradient_line([left[row], right[row]]);
        for column in 0..4 {
            places[4 * row + column] = line[column];
        }
    }
    places
}

/// Gᵀ u G.
#[inline(always)]
pub(super) fn weight_gradient<E: Element, V: Lanes<E>>(places: [V; PLACES]) -> [V; TAPS] {
    let mut rows = [[V::splat(E::zero()); 4]; 3];
    for column in 0..4 {
        let line = weight_gradient_line([places[column], places[4 + column], places[8 + column], places[12 + column]]);
        for row in 0..3 {
            rows[row][column] = line[row];
        }
    }
    let mut taps = [V::splat(E::zero()); TAPS];
    for row in 0..3 {
        let line = weight_gradient_line(rows[row]);
        for column in 0..3 {
            taps[3 * row + column] = line[column];
        }
    }
    taps
}
