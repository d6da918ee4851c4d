//! Elementwise functions that need no buffer of their own.

use crate::element::Element;
use crate::kernels::simd::{Kernel, Lanes, Level};

/// An elementwise function whose derivative can be told from its output.
///
/// Such a function is applied in place: in the epilogue of the layer before it, or right behind that layer while the
/// values are in cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// y = x
    #[default]
    Identity,
    /// y = max(x, 0); NaN stays NaN
    Relu,
}

impl Activation {
    /// Replaces each x by y.
    pub fn apply<E: Element>(self, values: &mut [E]) {
        match self {
            Self::Identity => {}
            Self::Relu => {
                for value in values {
                    *value = if *value < E::zero() { E::zero() } else { *value };
                }
            }
        }
    }

    /// Replaces each dy by dx = dy · f′, where f′ is told from y.
    pub fn backward<E: Element>(self, y: &[E], dy: &mut [E]) {
        match self {
            Self::Identity => {}
            Self::Relu => Level::best().run(ReluBackward { y, dy }),
        }
    }
}

/// dy ← 0 where y ≤ 0: a plain loop, compiled for every level.
struct ReluBackward<'a, E> {
    y: &'a [E],
    dy: &'a mut [E],
}

impl<E: Element> Kernel<E> for ReluBackward<'_, E> {
    #[allow(clippy::inline_always)] // as in every kernel
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        for (dy, &y) in self.dy.iter_mut().zip(self.y) {
            *dy = if y <= E::zero() { E::zero() } else { *dy };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Activation;

    #[test]
    fn relu_keeps_nan_and_cuts_zero() {
        let mut values = [-1.0, -0.0, 0.0, 2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        Activation::Relu.apply(&mut values);
        assert_eq!(values[..6], [0.0, 0.0, 0.0, 2.0, f64::INFINITY, 0.0]);
        assert!(values[6].is_nan());
        let mut gradient = [1.0; 7];
        Activation::Relu.backward(&values, &mut gradient);
        assert_eq!(gradient, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    }
}
