//! What training makes small.

mod classes;
mod pointwise;

use crate::element::Element;
use crate::error::Error;
use crate::shape::Shape;

pub(crate) use classes::softmax;
pub use classes::{ClassWeights, CrossEntropy, Even, NegativeLogLikelihood};
pub use pointwise::{BinaryCrossEntropy, Huber, MeanAbsoluteError, MeanSquaredError, Pointwise};

/// A measure of how far outputs of shape `S` are from their `Targets`, summed over samples.
///
/// Samples are independent given the [`normaliser`](Loss::normaliser), so that a network can run them in any grouping.
#[diagnostic::on_unimplemented(
    message = "the network gives {S}, which `{Self}` cannot compare with {Targets}",
    label = "{S} against {Targets}",
    note = "`step` takes the samples, the targets, the loss and the optimizer, in this order; targets that are a `Result` miss their `?`",
    note = "classes: `CrossEntropy` compares N features, which a network gives that ends in `flatten >> dense(N)`, with `Labels<N>` of `Labels::new(&[…])?`, or with `SoftLabels<N>`",
    note = "values, or a class for each pixel: `MeanSquaredError`, `BinaryCrossEntropy` and their kin compare any output with a `Batch` of the same shape, and not with labels",
    note = "a function for any network says its shapes: `N: Network<Input = Image<1, 28, 28>, Output = Vector<10>>`"
)]
pub trait Loss<S: Shape, Targets: Sync>: Sync {
    /// How many samples there are targets for.
    fn samples(&self, targets: &Targets) -> usize;

    /// What the sum over samples is divided by: their number, for a mean.
    fn normaliser(&self, targets: &Targets) -> f64;

    /// The loss of sample `index`, divided by `normaliser`; writes its gradient with respect to `y` into `dy`.
    fn sample<E: Element>(&self, targets: &Targets, index: usize, normaliser: f64, y: &[E], dy: &mut [E]) -> f64;

    /// Whether the output `y` for sample `index` is right: what the accuracy of a training counts. `None` where nothing is right or wrong,
    /// because there are no classes or the sample does not count.
    fn is_right<E: Element>(&self, _targets: &Targets, _index: usize, _y: &[E]) -> Option<bool> {
        None
    }

    /// The λ of a penalty λ/2 · Σ w² over all weights (not biases) that is added to the loss.
    fn weight_penalty(&self) -> f64 {
        0.0
    }
}

/// A loss that is not divided by anything: the sum over samples, or over values, in place of the mean.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Summed;
///
/// let mut model = Model::new(net!(Vector<4> => dense(10)), 3);
/// let (x, labels) = (Batch::zeros(2), Labels::new(&[1, 7])?);
/// let (loss, _) = model.gradients(&x, &labels, &Summed(CrossEntropy))?;
/// assert!((loss - 2.0 * 10f32.ln()).abs() < 1e-6);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Summed<L>(pub L);

impl<S: Shape, Targets: Sync, L: Loss<S, Targets>> Loss<S, Targets> for Summed<L> {
    fn samples(&self, targets: &Targets) -> usize {
        self.0.samples(targets)
    }

    fn normaliser(&self, _targets: &Targets) -> f64 {
        1.0
    }

    fn sample<E: Element>(&self, targets: &Targets, index: usize, normaliser: f64, y: &[E], dy: &mut [E]) -> f64 {
        self.0.sample(targets, index, normaliser, y, dy)
    }

    fn is_right<E: Element>(&self, targets: &Targets, index: usize, y: &[E]) -> Option<bool> {
        self.0.is_right(targets, index, y)
    }

    fn weight_penalty(&self) -> f64 {
        self.0.weight_penalty()
    }
}

/// A loss with L2 regularisation: loss + λ/2 · Σ w² over all weights of the network; biases and norms are left alone.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Penalised;
///
/// let mut model = Model::new(net!(Vector<4> => dense(10)), 3);
/// let (x, labels) = (Batch::zeros(2), Labels::new(&[1, 7])?);
/// let (plain, _) = model.gradients(&x, &labels, &CrossEntropy)?;
/// let (penalised, _) = model.gradients(&x, &labels, &Penalised::new(CrossEntropy, 0.1))?;
/// assert!(penalised > plain);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Penalised<L> {
    loss: L,
    strength: f64,
}

impl<L> Penalised<L> {
    /// `loss` with a penalty of λ = `strength`.
    ///
    /// # Panics
    ///
    /// If `strength` is negative or not finite.
    #[must_use]
    pub const fn new(loss: L, strength: f64) -> Self {
        assert!(strength >= 0.0 && strength.is_finite(), "a penalty is a finite number of at least 0");
        Self { loss, strength }
    }
}

impl<S: Shape, Targets: Sync, L: Loss<S, Targets>> Loss<S, Targets> for Penalised<L> {
    fn samples(&self, targets: &Targets) -> usize {
        self.loss.samples(targets)
    }

    fn normaliser(&self, targets: &Targets) -> f64 {
        self.loss.normaliser(targets)
    }

    fn sample<E: Element>(&self, targets: &Targets, index: usize, normaliser: f64, y: &[E], dy: &mut [E]) -> f64 {
        self.loss.sample(targets, index, normaliser, y, dy)
    }

    fn is_right<E: Element>(&self, targets: &Targets, index: usize, y: &[E]) -> Option<bool> {
        self.loss.is_right(targets, index, y)
    }

    fn weight_penalty(&self) -> f64 {
        self.loss.weight_penalty() + self.strength
    }
}

/// A reference to a loss is that loss.
macro_rules! by_reference {
    ($($Of:ident<$P:ident>),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<S: Shape, Targets: Sync, $P: Sync> Loss<S, Targets> for &$Of<$P>
        where
            $Of<$P>: Loss<S, Targets>,
        {
            fn samples(&self, targets: &Targets) -> usize {
                (**self).samples(targets)
            }

            fn normaliser(&self, targets: &Targets) -> f64 {
                (**self).normaliser(targets)
            }

            fn sample<E: Element>(&self, targets: &Targets, index: usize, normaliser: f64, y: &[E], dy: &mut [E]) -> f64 {
                (**self).sample(targets, index, normaliser, y, dy)
            }

            fn is_right<E: Element>(&self, targets: &Targets, index: usize, y: &[E]) -> Option<bool> {
                (**self).is_right(targets, index, y)
            }

            fn weight_penalty(&self) -> f64 {
                (**self).weight_penalty()
            }
        }
    )* };
}

by_reference!(CrossEntropy<W>, NegativeLogLikelihood<W>, Summed<L>, Penalised<L>);

/// Fails with both numbers if there are not as many targets as samples.
pub(crate) fn check_samples(batch: usize, targets: usize) -> Result<(), Error> {
    if batch == targets { Ok(()) } else { Err(Error::Samples { batch, targets }) }
}

#[cfg(test)]
mod tests {
    use super::{CrossEntropy, Loss, MeanSquaredError, NegativeLogLikelihood, Penalised, Summed};
    use crate::batch::Batch;
    use crate::labels::Labels;
    use crate::shape::Vector;

    /// All that a loss says of its second sample.
    fn said<T: Sync, L: Loss<Vector<3>, T>>(loss: &L, targets: &T) -> (usize, f64, f64, [f64; 3], Option<bool>, f64) {
        let (y, mut dy) = ([0.5, -1.0, 2.0], [0.0; 3]);
        let normaliser = loss.normaliser(targets);
        let value = loss.sample(targets, 1, normaliser, &y, &mut dy);
        (loss.samples(targets), normaliser, value, dy, loss.is_right(targets, 1, &y), loss.weight_penalty())
    }

    #[test]
    fn a_reference_says_what_the_loss_says() {
        let labels = Labels::<3>::new(&[0, 2]).unwrap();
        let weighted = CrossEntropy::new().class_weights([1.0, 2.0, 3.0]);
        assert_eq!(said(&&weighted, &labels), said(&weighted, &labels));
        assert_eq!(said(&&NegativeLogLikelihood, &labels), said(&NegativeLogLikelihood, &labels));
        let summed = Summed(weighted);
        assert_eq!(said(&&summed, &labels), said(&summed, &labels));
        let penalised = Penalised::new(weighted, 0.25);
        assert_eq!(said(&&penalised, &labels), said(&penalised, &labels));
        assert_eq!(said(&&penalised, &labels).5, 0.25);
        let values = Batch::<Vector<3>>::from([[0.0; 3], [1.0, 2.0, 3.0]]);
        assert_eq!(said(&&MeanSquaredError, &values), said(&MeanSquaredError, &values));
    }
}
