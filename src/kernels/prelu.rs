//! The rectifier with slopes of its own, one for each channel.

use super::simd::{Kernel, Lanes, Level, WIDEST};
use crate::element::Element;

/// `to` = `from` where x > 0, weight · `from` elsewhere: y where `from` is x, dx where it is dy.
///
/// # Shapes
///
/// `x`, `from` and `to`: (samples, channels, positions); `weight`: one for each channel.
///
/// # Examples
///
/// ```
/// use shapewright::kernels::prelu::prelu;
/// use shapewright::kernels::simd::Level;
///
/// let (x, mut y) = ([-1.0, 1.0, -1.0, 1.0], [0.0; 4]);
/// prelu(Level::best(), 2, &[0.5, 2.0], [&x, &x], &mut y);
/// assert_eq!(y, [-0.5, 1.0, -2.0, 1.0]);
/// ```
pub fn prelu<E: Element>(level: Level, positions: usize, weight: &[E], [x, from]: [&[E]; 2], to: &mut [E]) {
    level.run(Prelu { positions, weight, x, from, to });
}

/// d\_weight += Σ x · dy where x ≤ 0; shapes as for [`prelu`].
pub fn prelu_backward_weight<E: Element>(level: Level, positions: usize, x: &[E], dy: &[E], d_weight: &mut [E]) {
    level.run(WeightGradient { positions, x, dy, d_weight });
}

struct Prelu<'a, E> {
    positions: usize,
    weight: &'a [E],
    x: &'a [E],
    from: &'a [E],
    to: &'a mut [E],
}

impl<E: Element> Kernel<E> for Prelu<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { positions, weight, x, from, to } = self;
        // With one position lanes run along the channels.
        let row = if positions == 1 { weight.len() } else { positions };
        let values = x.chunks_exact(row).zip(from.chunks_exact(row)).zip(to.chunks_exact_mut(row));
        for (index, ((x, from), to)) in values.enumerate() {
            let slope = weight[index % weight.len()];
            let values = x.chunks(V::COUNT).zip(from.chunks(V::COUNT)).zip(to.chunks_mut(V::COUNT));
            for (index, ((x, from), to)) in values.enumerate() {
                let slope = if positions == 1 { V::load_first(&weight[index * V::COUNT..]) } else { V::splat(slope) };
                let from = V::load_first(from);
                V::load_first(x).where_at_most(V::splat(E::zero()), slope * from, from).store_first(to);
            }
        }
    }
}

struct WeightGradient<'a, E> {
    positions: usize,
    x: &'a [E],
    dy: &'a [E],
    d_weight: &'a mut [E],
}

impl<E: Element> Kernel<E> for WeightGradient<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { positions, x, dy, d_weight } = self;
        let row = if positions == 1 { d_weight.len() } else { positions };
        for (index, (x, dy)) in x.chunks_exact(row).zip(dy.chunks_exact(row)).enumerate() {
            let mut sum = V::splat(E::zero());
            for (index, (x, dy)) in x.chunks(V::COUNT).zip(dy.chunks(V::COUNT)).enumerate() {
                let [zero, x, dy] = [V::splat(E::zero()), V::load_first(x), V::load_first(dy)];
                let part = x.where_at_most(zero, x * dy, zero);
                if positions == 1 {
                    let d_weight = &mut d_weight[index * V::COUNT..];
                    (V::load_first(d_weight) + part).store_first(d_weight);
                } else {
                    sum = sum + part;
                }
            }
            if positions > 1 {
                let mut lanes = [E::zero(); WIDEST];
                sum.store_first(&mut lanes);
                d_weight[index % d_weight.len()] += lanes.into_iter().sum();
            }
        }
    }
}
