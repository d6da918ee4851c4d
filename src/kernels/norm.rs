//! What all norms are made of: x̂ = scale·x + shift, y = weight·x̂ + bias, with scale = 1/√(variance + eps) and
//! shift = −mean·scale of the values that are normalised together.

use super::simd::{Lanes, WIDEST};
use crate::element::Element;

/// Values in cache for a second look.
const GROUP: usize = 2048;
/// Sums that run side by side.
const SIDE_BY_SIDE: usize = 4;

/// A factor or a summand: the same for all positions, or one for each.
pub(super) trait Coefficient<E>: Copy {
    fn load<V: Lanes<E>>(self, at: usize) -> V;
}

/// The same for all positions.
#[derive(Clone, Copy)]
pub(super) struct Same<E>(pub(super) E);

/// One for each position.
#[derive(Clone, Copy)]
pub(super) struct Each<'a, E>(pub(super) &'a [E]);

impl<E: Element> Coefficient<E> for Same<E> {
    #[inline(always)]
    fn load<V: Lanes<E>>(self, _at: usize) -> V {
        V::splat(self.0)
    }
}

impl<E: Element> Coefficient<E> for Each<'_, E> {
    #[inline(always)]
    fn load<V: Lanes<E>>(self, at: usize) -> V {
        V::load_first(&self.0[at..])
    }
}

/// x̂ = scale·x + shift.
#[derive(Clone, Copy)]
pub(super) struct Normal<Scale, Shift> {
    pub(super) scale: Scale,
    pub(super) shift: Shift,
}

impl<Scale, Shift> Normal<Scale, Shift> {
    #[inline(always)]
    fn load<E: Element, V: Lanes<E>>(self, x: &[E], at: usize) -> V
    where
        Scale: Coefficient<E>,
        Shift: Coefficient<E>,
    {
        self.shift.load::<V>(at).multiply_add(V::load_first(&x[at..]), self.scale.load(at))
    }

    /// y = weight·x̂ + bias, and then, if it is asked for, the rectifier.
    #[inline(always)]
    pub(super) fn forward<E: Element, V: Lanes<E>>(
        self,
        weight: impl Coefficient<E>,
        bias: impl Coefficient<E>,
        relu: bool,
        x: &[E],
        y: &mut [E],
    ) where
        Scale: Coefficient<E>,
        Shift: Coefficient<E>,
    {
        for at in (0..x.len()).step_by(V::COUNT) {
            let value = bias.load::<V>(at).multiply_add(self.load(x, at), weight.load(at));
            let value = if relu { value.relu() } else { value };
            value.store_first(&mut y[at..]);
        }
    }

    /// dx = scale·(weight·dy + slope·x̂ + offset).
    #[inline(always)]
    pub(super) fn backward<E: Element, V: Lanes<E>>(
        self,
        weight: impl Coefficient<E>,
        slope: impl Coefficient<E>,
        offset: impl Coefficient<E>,
        x: &[E],
        dy: &[E],
        dx: &mut [E],
    ) where
        Scale: Coefficient<E>,
        Shift: Coefficient<E>,
    {
        let zero = V::splat(E::zero());
        for at in (0..x.len()).step_by(V::COUNT) {
            let value = offset.load::<V>(at).multiply_add(self.load(x, at), slope.load(at));
            let value = value.multiply_add(V::load_first(&dy[at..]), weight.load(at));
            zero.multiply_add(value, self.scale.load(at)).store_first(&mut dx[at..]);
        }
    }

    /// Adds x̂·dy to `d_weight` and dy to `d_bias`, where there are such.
    #[inline(always)]
    pub(super) fn gradients<E: Element, V: Lanes<E>>(self, x: &[E], dy: &[E], d_weight: &mut [E], d_bias: &mut [E])
    where
        Scale: Coefficient<E>,
        Shift: Coefficient<E>,
    {
        for at in (0..d_weight.len()).step_by(V::COUNT) {
            let sum = V::load_first(&d_weight[at..]).multiply_add(self.load(x, at), V::load_first(&dy[at..]));
            sum.store_first(&mut d_weight[at..]);
        }
        for at in (0..d_bias.len()).step_by(V::COUNT) {
            V::load_first(&d_bias[at..]).add(V::load_first(&dy[at..])).store_first(&mut d_bias[at..]);
        }
    }
}

/// Σ weight·dy and Σ weight·dy·x̂ over several runs.
#[derive(Clone, Copy)]
pub(super) struct Sums<V> {
    plain: [V; SIDE_BY_SIDE],
    with_normal: [V; SIDE_BY_SIDE],
}

impl<V> Sums<V> {
    #[inline(always)]
    pub(super) fn none<E: Element>() -> Self
    where
        V: Lanes<E>,
    {
        let zeros = [V::splat(E::zero()); SIDE_BY_SIDE];
        Self { plain: zeros, with_normal: zeros }
    }

    /// Adds a run.
    #[inline(always)]
    pub(super) fn add<E: Element>(
        &mut self,
        normal: Normal<Same<E>, Same<E>>,
        weight: impl Coefficient<E>,
        x: &[E],
        dy: &[E],
    ) where
        V: Lanes<E>,
    {
        let zero = V::splat(E::zero());
        let mut at = 0;
        while at + SIDE_BY_SIDE * V::COUNT <= x.len() {
            for index in 0..SIDE_BY_SIDE {
                let at = at + index * V::COUNT;
                let weighted = zero.multiply_add(V::load(dy, at), weight.load(at));
                self.plain[index] = self.plain[index].add(weighted);
                self.with_normal[index] = self.with_normal[index].multiply_add(weighted, normal.load(x, at));
            }
            at += SIDE_BY_SIDE * V::COUNT;
        }
        while at < x.len() {
            // Lanes beyond the end hold dy = 0 and add nothing.
            let weighted = zero.multiply_add(V::load_first(&dy[at..]), weight.load(at));
            self.plain[0] = self.plain[0].add(weighted);
            self.with_normal[0] = self.with_normal[0].multiply_add(weighted, normal.load(x, at));
            at += V::COUNT;
        }
    }

    /// The two sums.
    #[inline(always)]
    pub(super) fn totals<E: Element>(self) -> [E; 2]
    where
        V: Lanes<E>,
    {
        [total(self.plain), total(self.with_normal)]
    }
}

/// The sum of all lanes of all registers.
#[inline(always)]
fn total<E: Element, V: Lanes<E>>([a, b, c, d]: [V; SIDE_BY_SIDE]) -> E {
    let mut lanes = [E::zero(); WIDEST];
    a.add(b).add(c.add(d)).store_first(&mut lanes);
    let mut half = WIDEST / 2;
    while half > 0 {
        for lane in 0..half {
            let upper = lanes[lane + half];
            lanes[lane] += upper;
        }
        half /= 2;
    }
    lanes[0]
}

/// How many values there are, their mean and the sum of their squared deviations from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moments {
    count: f64,
    pub(super) mean: f64,
    squares: f64,
}

impl Moments {
    /// Those of the same values and more of them (Chan, Golub and `LeVeque`, 1983).
    pub(super) fn and(self, other: Self) -> Self {
        let count = self.count + other.count;
        let (share, difference) = (other.count / count, other.mean - self.mean);
        Self {
            count,
            mean: self.mean + share * difference,
            squares: self.squares + other.squares + share * self.count * difference * difference,
        }
    }

    /// The mean of the squared deviations.
    pub(super) fn variance(self) -> f64 {
        self.squares / self.count
    }

    /// The mean of the squares.
    pub(super) fn square(self) -> f64 {
        self.variance() + self.mean * self.mean
    }

    /// Those of `runs` of `length` values that start `step` apart: each group that fits into the cache is read twice, so that
    /// a mean far from zero costs no digits.
    #[inline(always)]
    pub(super) fn of<E: Element, V: Lanes<E>>(values: &[E], length: usize, runs: usize, step: usize) -> Self {
        let group = (GROUP / length).max(1);
        let mut moments = Self::default();
        for first in (0..runs).step_by(group) {
            let runs = group.min(runs - first);
            let values = &values[first * step..];
            let count = (runs * length) as f64;
            let near = E::from_f64(sum::<E, V>(values, length, runs, step).as_f64() / count);
            let [deviation, squares] = deviations::<E, V>(near, values, length, runs, step).map(E::as_f64);
            let squares = squares - deviation * deviation / count;
            let squares = if squares < 0.0 { 0.0 } else { squares };
            let group = Self { count, mean: near.as_f64() + deviation / count, squares };
            moments = if first == 0 { group } else { moments.and(group) };
        }
        moments
    }
}

#[inline(always)]
fn sum<E: Element, V: Lanes<E>>(values: &[E], length: usize, runs: usize, step: usize) -> E {
    let mut sums = [V::splat(E::zero()); SIDE_BY_SIDE];
    for run in 0..runs {
        let values = &values[run * step..][..length];
        let mut at = 0;
        while at + SIDE_BY_SIDE * V::COUNT <= length {
            for index in 0..SIDE_BY_SIDE {
                sums[index] = sums[index].add(V::load(values, at + index * V::COUNT));
            }
            at += SIDE_BY_SIDE * V::COUNT;
        }
        while at < length {
            sums[0] = sums[0].add(V::load_first(&values[at..]));
            at += V::COUNT;
        }
    }
    total(sums)
}

/// Σ (x − near) and Σ (x − near)².
#[inline(always)]
fn deviations<E: Element, V: Lanes<E>>(near: E, values: &[E], length: usize, runs: usize, step: usize) -> [E; 2] {
    let (away, ones) = (V::splat(-near), [E::one(); WIDEST]);
    let mut sums = [V::splat(E::zero()); SIDE_BY_SIDE];
    let mut squares = sums;
    for run in 0..runs {
        let values = &values[run * step..][..length];
        let mut at = 0;
        while at + SIDE_BY_SIDE * V::COUNT <= length {
            for index in 0..SIDE_BY_SIDE {
                let deviation = V::load(values, at + index * V::COUNT).add(away);
                sums[index] = sums[index].add(deviation);
                squares[index] = squares[index].multiply_add(deviation, deviation);
            }
            at += SIDE_BY_SIDE * V::COUNT;
        }
        while at < length {
            let values = &values[at..];
            let present = V::load_first(&ones[..values.len().min(V::COUNT)]);
            let deviation = V::load_first(values).multiply_add(present, away);
            sums[0] = sums[0].add(deviation);
            squares[0] = squares[0].multiply_add(deviation, deviation);
            at += V::COUNT;
        }
    }
    [total(sums), total(squares)]
}
