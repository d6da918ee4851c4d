//! What training makes small.

use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::{Shape, Vector};

/// A measure of how far outputs of shape `S` are from their `Targets`, summed over samples.
///
/// Samples are independent given the [`normaliser`](Loss::normaliser), so that a network can run them in any grouping.
#[diagnostic::on_unimplemented(
    message = "the network gives {S}, which `{Self}` cannot compare with {Targets}",
    label = "{S} against {Targets}",
    note = "`CrossEntropy` compares `Vector<N>` with `Labels<N>`: make labels by `Labels::new(&[…])?`, or end the network in `flatten >> dense(N)`"
)]
pub trait Loss<S: Shape, Targets: Sync>: Sync {
    /// How many samples there are targets for.
    fn samples(&self, targets: &Targets) -> usize;

    /// What the sum over samples is divided by: their number, for a mean.
    fn normaliser(&self, targets: &Targets) -> f64;

    /// The loss of sample `index`, divided by `normaliser`; writes its gradient with respect to `y` into `dy`.
    fn sample<E: Element>(&self, targets: &Targets, index: usize, normaliser: f64, y: &[E], dy: &mut [E]) -> f64;
}

/// Softmax cross-entropy, the mean over samples: −log(exp(yₖ) / Σ exp(yᵢ)) for the class k of each.
///
/// The largest output is subtracted first, so that outputs of ±10⁴ do no harm. The gradient is softmax(y) − onehot(k).
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Vector<4> => dense(10)), 3);
/// let x = Batch::zeros(2);
/// let (loss, gradients) = model.gradients(&x, &Labels::new(&[1, 7])?, &CrossEntropy)?;
/// assert!((loss - 10f32.ln()).abs() < 1e-6); // nothing known yet: ln 10
/// assert_eq!(gradients.param("0.bias")?.values.len(), 10);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CrossEntropy;

impl<const CLASSES: usize> Loss<Vector<CLASSES>, Labels<CLASSES>> for CrossEntropy
where
    Vector<CLASSES>: Shape,
{
    fn samples(&self, targets: &Labels<CLASSES>) -> usize {
        targets.len()
    }

    fn normaliser(&self, targets: &Labels<CLASSES>) -> f64 {
        targets.len() as f64
    }

    fn sample<E: Element>(
        &self,
        targets: &Labels<CLASSES>,
        index: usize,
        normaliser: f64,
        y: &[E],
        dy: &mut [E],
    ) -> f64 {
        let class = targets.as_slice()[index];
        let log_sum = softmax(y, dy);
        let scale = E::from_f64(normaliser.recip());
        dy[class] -= E::one();
        for d in dy {
            *d *= scale;
        }
        (log_sum - y[class]).as_f64() / normaliser
    }
}

/// Writes exp(yᵢ) / Σ exp(yⱼ) and returns log Σ exp(yⱼ), both by way of the largest y.
pub(crate) fn softmax<E: Element>(y: &[E], probabilities: &mut [E]) -> E {
    let largest = y.iter().copied().fold(E::neg_infinity(), E::max);
    let mut sum = E::zero();
    for (probability, &y) in probabilities.iter_mut().zip(y) {
        *probability = (y - largest).exp();
        sum += *probability;
    }
    for probability in probabilities {
        *probability /= sum;
    }
    largest + sum.ln()
}

/// Fails with both numbers if there are not as many targets as samples.
pub(crate) fn check_samples(batch: usize, targets: usize) -> Result<(), Error> {
    if batch == targets { Ok(()) } else { Err(Error::Samples { batch, targets }) }
}

#[cfg(test)]
mod tests {
    use super::{CrossEntropy, Loss, softmax};
    use crate::labels::Labels;
    use crate::shape::Vector;

    #[test]
    fn large_outputs_are_stable() {
        let mut dy = [0.0; 3];
        let labels = Labels::<3>::new(&[1]).unwrap();
        let loss = Loss::<Vector<3>, _>::sample(&CrossEntropy, &labels, 0, 1.0, &[1e4, -1e4, 0.0], &mut dy);
        assert_eq!((loss, dy), (2e4, [1.0, -1.0, 0.0]));
    }

    #[test]
    fn probabilities_add_up_to_one() {
        let mut probabilities = [0.0_f64; 4];
        let log_sum = softmax(&[0.1, -2.0, 3.0, 0.7], &mut probabilities);
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((log_sum - [0.1_f64, -2.0, 3.0, 0.7].map(f64::exp).iter().sum::<f64>().ln()).abs() < 1e-14);
    }
}
