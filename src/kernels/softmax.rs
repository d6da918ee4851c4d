//! Softmax over the channels of each position, and its logarithm.
//!
//! The largest value is taken off first, so that nothing overflows. Lanes run along the positions; where a channel has but
//! one, along the channels.

use super::math::exp;
use super::simd::{Kernel, Lanes, Level, WIDEST};
use crate::element::Element;

/// y = exp(x) / Σ exp(x) over the channels of each position.
///
/// # Shapes
///
/// `x` and `y`: (samples, channels, positions).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::simd::Level;
/// use shapewright::kernels::softmax::softmax;
///
/// let mut y = [0.0; 4];
/// softmax(Level::best(), [2, 2], &[0.0, 1e4, 0.0, -1e4], &mut y);
/// assert_eq!(y, [0.5, 1.0, 0.5, 0.0]);
/// ```
pub fn softmax<E: Element>(level: Level, [channels, positions]: [usize; 2], x: &[E], y: &mut [E]) {
    level.run(Forward::<E, false> { channels, positions, x, y });
}

/// y = x − ln Σ exp(x) over the channels of each position; shapes as for [`softmax`].
pub fn log_softmax<E: Element>(level: Level, [channels, positions]: [usize; 2], x: &[E], y: &mut [E]) {
    level.run(Forward::<E, true> { channels, positions, x, y });
}

/// The gradient of [`softmax`] from its output: dx = y · (dy − Σ y · dy).
pub fn softmax_backward<E: Element>(level: Level, [channels, positions]: [usize; 2], y: &[E], dy: &[E], dx: &mut [E]) {
    level.run(Backward::<E, false> { channels, positions, y, dy, dx });
}

/// The gradient of [`log_softmax`] from its output: dx = dy − exp(y) · Σ dy.
pub fn log_softmax_backward<E: Element>(
    level: Level,
    [channels, positions]: [usize; 2],
    y: &[E],
    dy: &[E],
    dx: &mut [E],
) {
    level.run(Backward::<E, true> { channels, positions, y, dy, dx });
}

struct Forward<'a, E, const LOG: bool> {
    channels: usize,
    positions: usize,
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element, const LOG: bool> Kernel<E> for Forward<'_, E, LOG> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let sample = self.channels * self.positions;
        for (x, y) in self.x.chunks_exact(sample).zip(self.y.chunks_exact_mut(sample)) {
            if self.positions == 1 {
                forward_features::<LOG, E, V>(x, y);
            } else {
                forward_positions::<LOG, E, V>(self.positions, x, y);
            }
        }
    }
}

#[inline(always)]
fn forward_positions<const LOG: bool, E: Element, V: Lanes<E>>(positions: usize, x: &[E], y: &mut [E]) {
    for first in (0..positions).step_by(V::COUNT) {
        let last = positions.min(first + V::COUNT);
        let mut largest = V::splat(E::neg_infinity());
        for x in x.chunks_exact(positions) {
            largest = V::load_first(&x[first..last]).at_least(largest);
        }
        let mut sum = V::splat(E::zero());
        for (x, y) in x.chunks_exact(positions).zip(y.chunks_exact_mut(positions)) {
            let difference = V::load_first(&x[first..last]) - largest;
            let power = exp(difference);
            sum = sum + power;
            (if LOG { difference } else { power }).store_first(&mut y[first..last]);
        }
        let rest = if LOG { logarithm::<E, V>(sum) } else { V::splat(E::one()) / sum };
        for y in y.chunks_exact_mut(positions) {
            let y = &mut y[first..last];
            let part = V::load_first(y);
            (if LOG { part - rest } else { part * rest }).store_first(y);
        }
    }
}

#[inline(always)]
fn forward_features<const LOG: bool, E: Element, V: Lanes<E>>(x: &[E], y: &mut [E]) {
    let largest = V::splat(largest::<E, V>(x));
    for (x, y) in x.chunks(V::COUNT).zip(y.chunks_mut(V::COUNT)) {
        exp(V::load_first(x) - largest).store_first(y);
    }
    let mut sum = V::splat(E::zero());
    for y in y.chunks(V::COUNT) {
        sum = sum + V::load_first(y);
    }
    let sum = total(sum);
    let rest = V::splat(if LOG { sum.ln() } else { E::one() / sum });
    for (x, y) in x.chunks(V::COUNT).zip(y.chunks_mut(V::COUNT)) {
        (if LOG { V::load_first(x) - largest - rest } else { V::load_first(y) * rest }).store_first(y);
    }
}

struct Backward<'a, E, const LOG: bool> {
    channels: usize,
    positions: usize,
    y: &'a [E],
    dy: &'a [E],
    dx: &'a mut [E],
}

impl<E: Element, const LOG: bool> Kernel<E> for Backward<'_, E, LOG> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let sample = self.channels * self.positions;
        let gradients = self.dy.chunks_exact(sample).zip(self.dx.chunks_exact_mut(sample));
        for (y, (dy, dx)) in self.y.chunks_exact(sample).zip(gradients) {
            if self.positions == 1 {
                backward_features::<LOG, E, V>(y, dy, dx);
            } else {
                backward_positions::<LOG, E, V>(self.positions, y, dy, dx);
            }
        }
    }
}

#[inline(always)]
fn backward_positions<const LOG: bool, E: Element, V: Lanes<E>>(positions: usize, y: &[E], dy: &[E], dx: &mut [E]) {
    for first in (0..positions).step_by(V::COUNT) {
        let last = positions.min(first + V::COUNT);
        let mut sum = V::splat(E::zero());
        for (y, dy) in y.chunks_exact(positions).zip(dy.chunks_exact(positions)) {
            sum = sum + weighted::<LOG, E, V>(&y[first..last], &dy[first..last]);
        }
        let gradients = dy.chunks_exact(positions).zip(dx.chunks_exact_mut(positions));
        for (y, (dy, dx)) in y.chunks_exact(positions).zip(gradients) {
            gradient::<LOG, E, V>(sum, &y[first..last], &dy[first..last], &mut dx[first..last]);
        }
    }
}

#[inline(always)]
fn backward_features<const LOG: bool, E: Element, V: Lanes<E>>(y: &[E], dy: &[E], dx: &mut [E]) {
    let mut sum = V::splat(E::zero());
    for (y, dy) in y.chunks(V::COUNT).zip(dy.chunks(V::COUNT)) {
        sum = sum + weighted::<LOG, E, V>(y, dy);
    }
    let sum = V::splat(total(sum));
    for (y, (dy, dx)) in y.chunks(V::COUNT).zip(dy.chunks(V::COUNT).zip(dx.chunks_mut(V::COUNT))) {
        gradient::<LOG, E, V>(sum, y, dy, dx);
    }
}

/// What the gradient sums over the channels.
#[inline(always)]
fn weighted<const LOG: bool, E: Element, V: Lanes<E>>(y: &[E], dy: &[E]) -> V {
    let dy = V::load_first(dy);
    if LOG { dy } else { V::load_first(y) * dy }
}

/// The gradient from that sum.
#[inline(always)]
fn gradient<const LOG: bool, E: Element, V: Lanes<E>>(sum: V, y: &[E], dy: &[E], dx: &mut [E]) {
    let [y, dy] = [V::load_first(y), V::load_first(dy)];
    (if LOG { dy - exp(y) * sum } else { y * (dy - sum) }).store_first(dx);
}

/// The largest value, or −∞ if there is none.
#[inline(always)]
fn largest<E: Element, V: Lanes<E>>(values: &[E]) -> E {
    let whole = values.chunks_exact(V::COUNT);
    let rest = whole.remainder();
    let mut largest = V::splat(E::neg_infinity());
    for values in whole {
        largest = V::load_first(values).at_least(largest);
    }
    lanes(largest)[..V::COUNT].iter().chain(rest).fold(E::neg_infinity(), |largest, &value| largest.max(value))
}

/// The sum of the lanes.
#[inline(always)]
fn total<E: Element, V: Lanes<E>>(sum: V) -> E {
    lanes(sum)[..V::COUNT].iter().copied().sum()
}

/// The natural logarithm, lane by lane: once for many exponentials.
#[inline(always)]
fn logarithm<E: Element, V: Lanes<E>>(x: V) -> V {
    V::load(&lanes(x).map(E::ln), 0)
}

#[inline(always)]
fn lanes<E: Element, V: Lanes<E>>(register: V) -> [E; WIDEST] {
    let mut lanes = [E::one(); WIDEST];
    register.store_first(&mut lanes);
    lanes
}
