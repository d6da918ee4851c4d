//! Probabilities.

use crate::element::Element;
use crate::kernels::simd::Level;
use crate::kernels::softmax::{softmax, softmax_backward};
use crate::layer::{Backward, Forward, Layer};
use crate::shape::Channelled;

/// y(c) = exp(x(c)) / Σ over channels of exp(x), at each position for itself: the values of a position are probabilities.
/// PyTorch's `nn.Softmax(dim=1)`.
///
/// Stable for any finite values. For training end a network in plain values and use [`CrossEntropy`](struct@crate::CrossEntropy).
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::dsl::softmax;
/// use shapewright::prelude::*;
///
/// let model = Model::new(softmax.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[1e4, 1e4, -1e4]]));
/// assert_eq!(y.sample(0), [0.5, 0.5, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Softmax;

impl<S: Channelled> Layer<S> for Softmax {
    type Output = S;

    const SAVED: usize = S::LEN;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        softmax(Level::best(), [S::CHANNELS, S::POSITIONS], pass.x, pass.y);
        if pass.keep {
            pass.saved.copy_from_slice(pass.y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        softmax_backward(Level::best(), [S::CHANNELS, S::POSITIONS], pass.saved, pass.dy, dx);
    }
}
