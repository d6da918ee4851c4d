//! Losses of a class for each sample.

use crate::element::Element;
use crate::labels::Labels;
use crate::loss::Loss;
use crate::model::argmax;
use crate::shape::rules::{Gives, Spatial};
use crate::shape::{Flat, Shape, Vector};
use crate::soft_labels::SoftLabels;

/// How much each of `CLASSES` classes counts.
#[diagnostic::on_unimplemented(
    message = "{Self} is not a weight for each of {CLASSES} classes",
    label = "there are {CLASSES} classes",
    note = "write as many weights as the network has outputs: `class_weights([1.0; {CLASSES}])`"
)]
pub trait ClassWeights<const CLASSES: usize>: Sync {
    /// The weight of a class.
    fn of(&self, class: usize) -> f64;
}

/// All classes count the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Even;

impl<const CLASSES: usize> ClassWeights<CLASSES> for Even {
    fn of(&self, _class: usize) -> f64 {
        1.0
    }
}

impl<const CLASSES: usize> ClassWeights<CLASSES> for [f64; CLASSES] {
    fn of(&self, class: usize) -> f64 {
        self[class]
    }
}

/// The weights of the labels that count, all together: what a mean is divided by.
fn total_weight<const CLASSES: usize>(
    weights: &impl ClassWeights<CLASSES>,
    ignored: Option<usize>,
    labels: &Labels<CLASSES>,
) -> f64 {
    labels.as_slice().iter().filter(|&&class| Some(class) != ignored).map(|&class| weights.of(class)).sum()
}

/// Whether the largest output, the first of equals, is that of the class, if that class counts.
fn is_right<E: Element>(ignored: Option<usize>, class: usize, y: &[E]) -> Option<bool> {
    (Some(class) != ignored).then(|| argmax(y) == class)
}

/// Softmax cross-entropy, the mean over samples: −log(exp(yₖ) / Σ exp(yᵢ)) for the class k of each.
///
/// The largest output is subtracted first, so that outputs of ±10⁴ do no harm. The gradient is softmax(y) − onehot(k).
/// `CrossEntropy` alone is the plain one; [`new`](CrossEntropy::new) begins one with settings. A network that ends in `softmax` should end
/// before it: this loss includes it.
///
/// # Shapes
///
/// `Vector<K>`, or a `Flat<S>` as long, with [`Labels<K>`](Labels); `Vector<K>` with [`SoftLabels<K>`](SoftLabels).
///
/// PyTorch: `nn.CrossEntropyLoss(weight, ignore_index, label_smoothing)`.
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
///
/// let smoothed = CrossEntropy::new().label_smoothing(0.1);
/// assert!((model.gradients(&x, &Labels::new(&[1, 7])?, &smoothed)?.0 - 10f32.ln()).abs() < 1e-6);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CrossEntropy<W = Even> {
    weights: W,
    smoothing: f64,
    ignored: Option<usize>,
}

/// The plain softmax cross-entropy.
#[allow(non_upper_case_globals)] // the value without settings is called as its type is
pub const CrossEntropy: CrossEntropy = CrossEntropy::new();

impl Default for CrossEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl CrossEntropy {
    /// The plain one.
    #[must_use]
    pub const fn new() -> Self {
        Self { weights: Even, smoothing: 0.0, ignored: None }
    }

    /// Lets each class count by a weight of its own; the mean is divided by the weights of the labels.
    #[must_use]
    pub const fn class_weights<const CLASSES: usize>(self, weights: [f64; CLASSES]) -> CrossEntropy<[f64; CLASSES]> {
        CrossEntropy { weights, smoothing: self.smoothing, ignored: self.ignored }
    }
}

impl<W> CrossEntropy<W> {
    crate::__misplaced! { Self: Compared, forward(&self, Outputs, Targets) }

    /// Spreads a part of each label over all classes ([Szegedy et al., 2016](https://arxiv.org/abs/1512.00567)).
    ///
    /// # Panics
    ///
    /// If `smoothing` is not within 0 to 1.
    #[must_use]
    pub fn label_smoothing(self, smoothing: f64) -> Self {
        assert!((0.0..=1.0).contains(&smoothing), "label smoothing is within 0 to 1, but is {smoothing}");
        Self { smoothing, ..self }
    }

    /// Leaves out the samples of one class.
    #[must_use]
    pub fn ignore_index(self, class: usize) -> Self {
        Self { ignored: Some(class), ..self }
    }
}

impl<const CLASSES: usize, W: ClassWeights<CLASSES>> Loss<Vector<CLASSES>, Labels<CLASSES>> for CrossEntropy<W>
where
    Vector<CLASSES>: Shape,
{
    fn samples(&self, targets: &Labels<CLASSES>) -> usize {
        targets.len()
    }

    fn normaliser(&self, targets: &Labels<CLASSES>) -> f64 {
        total_weight(&self.weights, self.ignored, targets)
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
        if Some(class) == self.ignored {
            dy.fill(E::zero());
            return 0.0;
        }
        let log_sum = softmax(y, dy);
        // The target of class c is the share of it that the label keeps, and its part of what is spread; weighted.
        let kept = (1.0 - self.smoothing) * self.weights.of(class) / normaliser;
        let mut loss = kept * (log_sum - y[class]).as_f64();
        let mut total = kept;
        if self.smoothing > 0.0 {
            for (class, &y) in y.iter().enumerate() {
                let spread = self.smoothing / CLASSES as f64 * self.weights.of(class) / normaliser;
                loss += spread * (log_sum - y).as_f64();
                total += spread;
            }
        }
        let scale = E::from_f64(total);
        for d in &mut *dy {
            *d *= scale;
        }
        dy[class] -= E::from_f64(kept);
        if self.smoothing > 0.0 {
            for (class, d) in dy.iter_mut().enumerate() {
                *d -= E::from_f64(self.smoothing / CLASSES as f64 * self.weights.of(class) / normaliser);
            }
        }
        loss
    }

    fn is_right<E: Element>(&self, targets: &Labels<CLASSES>, index: usize, y: &[E]) -> Option<bool> {
        is_right(self.ignored, targets.as_slice()[index], y)
    }
}

/// The mean over samples of −Σ tₖ·log softmax(y)ₖ for the probabilities t of each; class weights count in the sum and not in
/// what it is divided by, no class is left out.
impl<const CLASSES: usize, W: ClassWeights<CLASSES>> Loss<Vector<CLASSES>, SoftLabels<CLASSES>> for CrossEntropy<W>
where
    Vector<CLASSES>: Shape,
{
    fn samples(&self, targets: &SoftLabels<CLASSES>) -> usize {
        targets.len()
    }

    fn normaliser(&self, targets: &SoftLabels<CLASSES>) -> f64 {
        targets.len() as f64
    }

    fn sample<E: Element>(
        &self,
        targets: &SoftLabels<CLASSES>,
        index: usize,
        normaliser: f64,
        y: &[E],
        dy: &mut [E],
    ) -> f64 {
        let probabilities = &targets.as_slice()[index];
        let spread = self.smoothing / CLASSES as f64;
        let target = |class: usize| {
            ((1.0 - self.smoothing) * probabilities[class] + spread) * self.weights.of(class) / normaliser
        };
        let log_sum = softmax(y, dy);
        let total = E::from_f64((0..CLASSES).map(target).sum());
        let mut loss = 0.0;
        for (class, (dy, &y)) in dy.iter_mut().zip(y).enumerate() {
            loss += target(class) * (log_sum - y).as_f64();
            *dy = *dy * total - E::from_f64(target(class));
        }
        loss
    }

    fn is_right<E: Element>(&self, targets: &SoftLabels<CLASSES>, index: usize, y: &[E]) -> Option<bool> {
        Some(argmax(y) == argmax(&targets.as_slice()[index]))
    }
}

/// The negative log-likelihood, the mean over samples: −yₖ for the class k of each, where y are log-probabilities: for
/// networks that end in `log_softmax`.
///
/// # Shapes
///
/// `Vector<K>`, or a `Flat<S>` as long, with [`Labels<K>`](Labels).
///
/// PyTorch: `nn.NLLLoss(weight, ignore_index)`.
///
/// # Examples
///
/// ```
/// use shapewright::NegativeLogLikelihood;
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Vector<4> => dense(10) >> log_softmax), 3);
/// let (x, labels) = (Batch::from([[0.5; 4]; 2]), Labels::new(&[1, 7])?);
/// let (loss, _) = model.gradients(&x, &labels, &NegativeLogLikelihood)?;
/// let mut scores = Model::new(net!(Vector<4> => dense(10)), 3);
/// scores.parameters_mut().copy_from_slice(model.parameters());
/// let (same, _) = scores.gradients(&x, &labels, &CrossEntropy)?;
/// assert!((loss - same).abs() < 1e-6);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NegativeLogLikelihood<W = Even> {
    weights: W,
    ignored: Option<usize>,
}

/// The plain negative log-likelihood.
#[allow(non_upper_case_globals)] // as above
pub const NegativeLogLikelihood: NegativeLogLikelihood = NegativeLogLikelihood::new();

impl Default for NegativeLogLikelihood {
    fn default() -> Self {
        Self::new()
    }
}

impl NegativeLogLikelihood {
    /// The plain one.
    #[must_use]
    pub const fn new() -> Self {
        Self { weights: Even, ignored: None }
    }

    /// Lets each class count by a weight of its own; the mean is divided by the weights of the labels.
    #[must_use]
    pub const fn class_weights<const CLASSES: usize>(
        self,
        weights: [f64; CLASSES],
    ) -> NegativeLogLikelihood<[f64; CLASSES]> {
        NegativeLogLikelihood { weights, ignored: self.ignored }
    }
}

impl<W> NegativeLogLikelihood<W> {
    /// Leaves out the samples of one class.
    #[must_use]
    pub fn ignore_index(self, class: usize) -> Self {
        Self { ignored: Some(class), ..self }
    }
}

impl<const CLASSES: usize, W: ClassWeights<CLASSES>> Loss<Vector<CLASSES>, Labels<CLASSES>> for NegativeLogLikelihood<W>
where
    Vector<CLASSES>: Shape,
{
    fn samples(&self, targets: &Labels<CLASSES>) -> usize {
        targets.len()
    }

    fn normaliser(&self, targets: &Labels<CLASSES>) -> f64 {
        total_weight(&self.weights, self.ignored, targets)
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
        dy.fill(E::zero());
        if Some(class) == self.ignored {
            return 0.0;
        }
        let weight = self.weights.of(class) / normaliser;
        dy[class] = E::from_f64(-weight);
        -weight * y[class].as_f64()
    }

    fn is_right<E: Element>(&self, targets: &Labels<CLASSES>, index: usize, y: &[E]) -> Option<bool> {
        is_right(self.ignored, targets.as_slice()[index], y)
    }
}

/// A flattened image or sequence holds the scores of classes as a vector of its length does.
macro_rules! compares_flat_scores {
    ($($loss:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<S: Spatial, const CLASSES: usize, W: ClassWeights<CLASSES>> Loss<Flat<S>, Labels<CLASSES>> for $loss<W>
        where
            Flat<S>: Gives<Vector<CLASSES>>,
            Vector<CLASSES>: Shape,
        {
            fn samples(&self, targets: &Labels<CLASSES>) -> usize {
                targets.len()
            }

            fn normaliser(&self, targets: &Labels<CLASSES>) -> f64 {
                Loss::<Vector<CLASSES>, _>::normaliser(self, targets)
            }

            fn sample<E: Element>(
                &self,
                targets: &Labels<CLASSES>,
                index: usize,
                normaliser: f64,
                y: &[E],
                dy: &mut [E],
            ) -> f64 {
                Loss::<Vector<CLASSES>, _>::sample(self, targets, index, normaliser, y, dy)
            }

            fn is_right<E: Element>(&self, targets: &Labels<CLASSES>, index: usize, y: &[E]) -> Option<bool> {
                Loss::<Vector<CLASSES>, _>::is_right(self, targets, index, y)
            }
        }
    )* };
}

compares_flat_scores!(CrossEntropy NegativeLogLikelihood);

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
