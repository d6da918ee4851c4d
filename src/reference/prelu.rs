//! The rectifier with slopes of its own.

use crate::element::Element;

/// y = x where x > 0, weight · x elsewhere.
pub fn prelu<E: Element>(positions: usize, weight: &[E], x: &[E], y: &mut [E]) {
    for (index, (&x, y)) in x.iter().zip(y).enumerate() {
        let weight = weight[index / positions % weight.len()];
        *y = if x <= E::zero() { weight * x } else { x };
    }
}

/// The gradients of [`prelu`]: dx = dy where x > 0, weight · dy elsewhere; d\_weight += Σ x · dy where x ≤ 0.
pub fn prelu_backward<E: Element>(positions: usize, weight: &[E], x: &[E], dy: &[E], dx: &mut [E], d_weight: &mut [E]) {
    for (index, ((&x, &dy), dx)) in x.iter().zip(dy).zip(dx).enumerate() {
        let channel = index / positions % weight.len();
        if x <= E::zero() {
            *dx = weight[channel] * dy;
            d_weight[channel] += x * dy;
        } else {
            *dx = dy;
        }
    }
}
