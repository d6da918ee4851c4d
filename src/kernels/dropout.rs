//! Dropping values at random.

use super::simd::{Kernel, Lanes, Level};
use crate::element::Element;
use crate::noise::Draws;

/// `to` = scale · `from` where the position's number is at least `threshold`, 0 elsewhere.
pub(crate) fn dropout<E: Element>(level: Level, draws: Draws, (threshold, scale): (u64, E), from: &[E], to: &mut [E]) {
    level.run(Dropout { draws, threshold, scale, from, to });
}

struct Dropout<'a, E> {
    draws: Draws,
    threshold: u64,
    scale: E,
    from: &'a [E],
    to: &'a mut [E],
}

impl<E: Element> Kernel<E> for Dropout<'_, E> {
    /// A plain loop on integers, which compilers vectorise for each level.
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        for (position, (&from, to)) in self.from.iter().zip(self.to).enumerate() {
            let keep = u64::from(self.draws.bits(position)) >= self.threshold;
            *to = if keep { self.scale * from } else { E::zero() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dropout;
    use crate::kernels::simd::Level;
    use crate::noise::Noise;

    #[test]
    fn every_level_drops_the_same() {
        let draws = Noise::new(1, 2).of_sample(3);
        for length in (0..70).chain([1000]) {
            let from: Vec<f32> = (1..=length).map(|value| value as f32).collect();
            let kept = |position: usize| draws.bits(position) >= 1 << 30;
            let expected: Vec<f32> =
                from.iter().enumerate().map(|(at, value)| if kept(at) { 1.5 * value } else { 0.0 }).collect();
            for level in Level::available() {
                let mut to = vec![f32::NAN; from.len()];
                dropout(level, draws, (1 << 30, 1.5), &from, &mut to);
                assert_eq!(to, expected, "{level:?}");
            }
        }
    }
}
