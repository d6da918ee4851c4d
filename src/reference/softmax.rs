//! Softmax over channels, and its logarithm.

use crate::element::Element;

/// y = x − m − ln Σ exp(x − m) over the channels of each position, m being the largest x.
pub fn log_softmax<E: Element>([channels, positions]: [usize; 2], x: &[E], y: &mut [E]) {
    for sample in (0..x.len()).step_by(channels * positions) {
        for position in sample..sample + positions {
            let places = || (0..channels).map(|channel| position + channel * positions);
            let largest = places().map(|place| x[place]).fold(E::neg_infinity(), E::max);
            let sum: E = places().map(|place| (x[place] - largest).exp()).sum();
            places().for_each(|place| y[place] = x[place] - largest - sum.ln());
        }
    }
}

/// y = exp(x − m) / Σ exp(x − m) over the channels of each position.
pub fn softmax<E: Element>(sizes: [usize; 2], x: &[E], y: &mut [E]) {
    log_softmax(sizes, x, y);
    for y in y.iter_mut() {
        *y = y.exp();
    }
}

/// The gradient of [`log_softmax`] from its output: dx = dy − exp(y) · Σ dy.
pub fn log_softmax_backward<E: Element>([channels, positions]: [usize; 2], y: &[E], dy: &[E], dx: &mut [E]) {
    for sample in (0..y.len()).step_by(channels * positions) {
        for position in sample..sample + positions {
            let places = || (0..channels).map(|channel| position + channel * positions);
            let sum: E = places().map(|place| dy[place]).sum();
            places().for_each(|place| dx[place] = dy[place] - y[place].exp() * sum);
        }
    }
}

/// The gradient of [`softmax`] from its output: dx = y · (dy − Σ y · dy).
pub fn softmax_backward<E: Element>([channels, positions]: [usize; 2], y: &[E], dy: &[E], dx: &mut [E]) {
    for sample in (0..y.len()).step_by(channels * positions) {
        for position in sample..sample + positions {
            let places = || (0..channels).map(|channel| position + channel * positions);
            let sum: E = places().map(|place| y[place] * dy[place]).sum();
            places().for_each(|place| dx[place] = y[place] * (dy[place] - sum));
        }
    }
}
