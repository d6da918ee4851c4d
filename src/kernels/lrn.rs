//! Local response normalisation: each value by the squares of its neighbours in other channels.

use core::ops::Range;

use super::simd::{Kernel, Lanes, Level};
use crate::element::Element;

/// y(c) = x(c) / (k + alpha/size · Σ x(j)²)^beta over the `size` channels j around c.
///
/// # Examples
///
/// ```
/// use shapewright::kernels::lrn::LocalResponse;
/// use shapewright::kernels::simd::Level;
///
/// let response = LocalResponse { size: 3, alpha: 3.0, beta: 1.0, k: 1.0 };
/// let mut y = [0.0; 2];
/// response.forward(Level::best(), [2, 1], &[1.0, 2.0], &mut y);
/// assert_eq!(y, [1.0 / 6.0, 2.0 / 6.0]); // 1 + 3/3 · (1² + 2²)
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalResponse {
    /// The number of channels.
    pub size: usize,
    /// The weight of the mean square.
    pub alpha: f64,
    /// The exponent.
    pub beta: f64,
    /// What is there without neighbours.
    pub k: f64,
}

impl LocalResponse {
    /// Samples of `channels` channels of `positions` values.
    pub fn forward<E: Element>(self, level: Level, [channels, positions]: [usize; 2], x: &[E], y: &mut [E]) {
        let sample = channels * positions;
        for (x, y) in x.chunks_exact(sample).zip(y.chunks_exact_mut(sample)) {
            level.run(ResponseForward { response: self, channels, positions, x, y });
        }
    }

    /// The gradient of [`forward`](Self::forward).
    ///
    /// # Shapes
    ///
    /// `x`, `dy` and `dx` (overwritten): (samples, channels, positions); `room`: two samples.
    pub fn backward<E: Element>(
        self,
        level: Level,
        [channels, positions]: [usize; 2],
        x: &[E],
        dy: &[E],
        dx: &mut [E],
        room: &mut [E],
    ) {
        let sample = channels * positions;
        let (power, slope) = room[..2 * sample].split_at_mut(sample);
        let samples = x.chunks_exact(sample).zip(dy.chunks_exact(sample)).zip(dx.chunks_exact_mut(sample));
        for ((x, dy), dx) in samples {
            let (power, slope) = (&mut *power, &mut *slope);
            level.run(ResponseBackward { response: self, channels, positions, x, dy, dx, power, slope });
        }
    }

    /// The channels whose squares count for `channel`; of an even number one more before it than behind it.
    const fn neighbours(self, channel: usize, channels: usize) -> Range<usize> {
        window(channel, self.size / 2, (self.size - 1) / 2, channels)
    }

    /// The channels for which the square of `channel` counts.
    const fn affected(self, channel: usize, channels: usize) -> Range<usize> {
        window(channel, (self.size - 1) / 2, self.size / 2, channels)
    }

    /// k + alpha/size · Σ x² for one channel.
    #[inline(always)]
    fn base<E: Element, V: Lanes<E>>(self, channel: usize, channels: usize, x: &[E], base: &mut [E]) {
        let share = V::splat(E::from_f64(self.alpha / self.size as f64));
        let k = V::splat(E::from_f64(self.k));
        let positions = base.len();
        for at in (0..positions).step_by(V::COUNT) {
            let mut squares = V::splat(E::zero());
            for channel in self.neighbours(channel, channels) {
                let value = V::load_first(&x[channel * positions..][at..positions]);
                squares = squares.multiply_add(value, value);
            }
            k.multiply_add(squares, share).store_first(&mut base[at..]);
        }
    }

    /// Replaces each value by its power −beta.
    #[inline(always)]
    fn inverse_power<E: Element>(self, values: &mut [E]) {
        if self.beta == 0.75 {
            for value in values {
                let root = value.sqrt();
                *value = (root * root.sqrt()).recip();
            }
        } else {
            let exponent = E::from_f64(-self.beta);
            for value in values {
                *value = value.powf(exponent);
            }
        }
    }
}

const fn window(channel: usize, before: usize, behind: usize, channels: usize) -> Range<usize> {
    let end = channel + behind + 1;
    channel.saturating_sub(before)..if end < channels { end } else { channels }
}

struct ResponseForward<'a, E> {
    response: LocalResponse,
    channels: usize,
    positions: usize,
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element> Kernel<E> for ResponseForward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { response, channels, positions, x, y } = self;
        for (channel, y) in y.chunks_exact_mut(positions).enumerate() {
            response.base::<E, V>(channel, channels, x, y);
            response.inverse_power(y);
            for (y, &x) in y.iter_mut().zip(&x[channel * positions..]) {
                *y *= x;
            }
        }
    }
}

struct ResponseBackward<'a, E> {
    response: LocalResponse,
    channels: usize,
    positions: usize,
    x: &'a [E],
    dy: &'a [E],
    dx: &'a mut [E],
    power: &'a mut [E],
    slope: &'a mut [E],
}

impl<E: Element> Kernel<E> for ResponseBackward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { response, channels, positions, x, dy, dx, power, slope } = self;
        // power = base^−beta; slope = dy·x·base^(−beta−1)
        let planes = power.chunks_exact_mut(positions).zip(slope.chunks_exact_mut(positions));
        for (channel, (power, slope)) in planes.enumerate() {
            let start = channel * positions;
            response.base::<E, V>(channel, channels, x, slope);
            power.copy_from_slice(slope);
            response.inverse_power(power);
            let values = x[start..].iter().zip(&dy[start..]).zip(power);
            for (slope, ((&x, &dy), power)) in slope.iter_mut().zip(values) {
                *slope = dy * x * *power / *slope;
            }
        }
        // dx(c) = dy(c)·power(c) − 2·alpha·beta/size · x(c) · Σ slope(j) over the channels j that c counts for
        let zero = V::splat(E::zero());
        let factor = V::splat(E::from_f64(-2.0 * response.alpha * response.beta / response.size as f64));
        for (channel, dx) in dx.chunks_exact_mut(positions).enumerate() {
            let start = channel * positions;
            for at in (0..positions).step_by(V::COUNT) {
                let mut sum = zero;
                for channel in response.affected(channel, channels) {
                    sum = sum.add(V::load_first(&slope[channel * positions..][at..positions]));
                }
                let [x, dy, power] = [x, dy, &*power].map(|values| V::load_first(&values[start..][at..positions]));
                let own = zero.multiply_add(dy, power);
                own.multiply_add(zero.multiply_add(sum, factor), x).store_first(&mut dx[at..]);
            }
        }
    }
}
