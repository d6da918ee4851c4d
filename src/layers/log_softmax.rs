//! The logarithm of probabilities.

use crate::element::Element;
use crate::kernels::simd::Level;
use crate::kernels::softmax::{log_softmax, log_softmax_backward};
use crate::layer::{Backward, Forward, Layer};
use crate::shape::Channelled;

/// y(c) = x(c) − ln Σ over channels of exp(x), at each position for itself. PyTorch's `nn.LogSoftmax(dim=1)`.
///
/// Stable for any finite values.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::dsl::log_softmax;
/// use shapewright::prelude::*;
///
/// let model = Model::new(log_softmax.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[1e4, 1e4, -1e4]]));
/// let expected = [-2f32.ln(), -2f32.ln(), -2e4 - 2f32.ln()];
/// assert!(y.sample(0).iter().zip(expected).all(|(y, expected)| (y - expected).abs() <= 1e-6 * expected.abs()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSoftmax;

impl<S: Channelled> Layer<S> for LogSoftmax {
    type Output = S;

    const SAVED: usize = S::LEN;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        log_softmax(Level::best(), [S::CHANNELS, S::POSITIONS], pass.x, pass.y);
        if pass.keep {
            pass.saved.copy_from_slice(pass.y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        log_softmax_backward(Level::best(), [S::CHANNELS, S::POSITIONS], pass.saved, pass.dy, dx);
    }
}
