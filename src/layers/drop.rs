//! What the layers that drop values have in common.

use crate::element::Element;
use crate::kernels::dropout::dropout;
use crate::kernels::simd::Level;
use crate::layer::{Mode, Run};

/// The probability that a value is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate(f64);

impl Rate {
    /// # Panics
    ///
    /// If it is none.
    pub(super) const fn new(probability: f64) -> Self {
        assert!(probability >= 0.0 && probability <= 1.0, "a probability is a number from 0 to 1");
        Self(probability)
    }

    /// In training, drops groups of so many values and divides the others by the probability to stay; in evaluation, copies.
    ///
    /// What is dropped depends on the run alone, so that the gradient goes the same way.
    pub(super) fn drop<E: Element>(self, run: Run, [sample, group]: [usize; 2], from: &[E], to: &mut [E]) {
        if run.mode == Mode::Evaluate {
            return to.copy_from_slice(from);
        }
        // With a probability of 1 the scale is infinite, but no number reaches the threshold.
        let (threshold, scale) = (self.threshold(), E::from_f64(1.0 / (1.0 - self.0)));
        for (index, (from, to)) in from.chunks_exact(sample).zip(to.chunks_exact_mut(sample)).enumerate() {
            let draws = run.noise.of_sample(index);
            if group == 1 {
                dropout(Level::best(), draws, (threshold, scale), from, to);
                continue;
            }
            for (index, (from, to)) in from.chunks_exact(group).zip(to.chunks_exact_mut(group)).enumerate() {
                if u64::from(draws.bits(index)) >= threshold {
                    to.iter_mut().zip(from).for_each(|(to, &from)| *to = scale * from);
                } else {
                    to.fill(E::zero());
                }
            }
        }
    }

    /// The 32-bit numbers below it drop.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 2³²
    fn threshold(self) -> u64 {
        (self.0 * 2f64.powi(32)).round() as u64
    }
}

/// A layer that drops groups of values at a [`Rate`].
macro_rules! drop_layer {
    ($layer:ident on $shape:ident, groups of $group:expr) => {
        impl $layer {
            /// With the probability to drop.
            ///
            /// # Panics
            ///
            /// If it is not from 0 to 1.
            #[must_use]
            pub const fn new(probability: f64) -> Self {
                Self(Rate::new(probability))
            }
        }

        impl<S: $shape> $crate::Layer<S> for $layer {
            type Output = S;

            const DRAWS: usize = 1;

            fn forward<E: $crate::Element>(&self, pass: $crate::layer::Forward<'_, E>) {
                self.0.drop(pass.run, [S::LEN, $group], pass.x, pass.y);
            }

            fn backward<E: $crate::Element>(&self, pass: $crate::layer::Backward<'_, E>) {
                let Some(dx) = pass.dx else { return };
                self.0.drop(pass.run, [S::LEN, $group], pass.dy, dx);
            }
        }
    };
}

pub(super) use drop_layer;
