//! Losses that compare each value of the output with one of a target of the same shape.

use crate::batch::Batch;
use crate::element::Element;
use crate::loss::Loss;
use crate::misplaced::constructed;
use crate::shape::Shape;

/// A loss of single values; as a [`Loss`] it is the mean over all values of all samples.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::MeanSquaredError;
///
/// let mut model = Model::new(net!(Vector<2> => dense(1)), 3);
/// let (x, targets) = (Batch::from([[0.0, 1.0], [1.0, 0.0]]), Batch::from([[1.0], [-1.0]]));
/// let mut optimizer = Sgd::new(0.1);
/// let losses: Vec<f32> = (0..200).map(|_| model.step(&x, &targets, &MeanSquaredError, &mut optimizer)).collect::<Result<_, _>>()?;
/// assert!(losses[199] < 1e-3);
/// # Ok::<(), shapewright::Error>(())
/// ```
pub trait Pointwise: Sync {
    /// The loss of the output `y` against `target`, and its derivative by `y`.
    fn compare(&self, y: f64, target: f64) -> (f64, f64);
}

constructed! { MeanSquaredError(), MeanAbsoluteError(), BinaryCrossEntropy(), Huber(Delta) }

impl<L: Pointwise> Pointwise for &L {
    fn compare(&self, y: f64, target: f64) -> (f64, f64) {
        (**self).compare(y, target)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Shape, T: Element, L: Pointwise> Loss<S, Batch<S, T>> for L {
    fn samples(&self, targets: &Batch<S, T>) -> usize {
        targets.len()
    }

    fn normaliser(&self, targets: &Batch<S, T>) -> f64 {
        targets.as_slice().len() as f64
    }

    fn sample<E: Element>(&self, targets: &Batch<S, T>, index: usize, normaliser: f64, y: &[E], dy: &mut [E]) -> f64 {
        let mut sum = 0.0;
        for ((dy, y), target) in dy.iter_mut().zip(y).zip(targets.sample(index)) {
            let (loss, slope) = self.compare(y.as_f64(), target.as_f64());
            *dy = E::from_f64(slope / normaliser);
            sum += loss;
        }
        sum / normaliser
    }
}

/// (y − t)²
///
/// # Shapes
///
/// Any shape S with a [`Batch<S>`](Batch) of targets: the mean over all values of all samples.
///
/// PyTorch: `nn.MSELoss()`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Identity, MeanSquaredError};
///
/// let mut model = Model::new(net!(Vector<2> => {Identity}), 0);
/// let (y, targets) = (Batch::from([[3.0, 1.0]]), Batch::from([[1.0, 1.0]]));
/// let (loss, gradients) = model.gradients_with_input(&y, &targets, &MeanSquaredError)?;
/// assert_eq!(loss, 2.0);
/// assert_eq!(gradients.input().unwrap().sample(0), [2.0, 0.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredError;

impl Pointwise for MeanSquaredError {
    fn compare(&self, y: f64, target: f64) -> (f64, f64) {
        let difference = y - target;
        (difference * difference, 2.0 * difference)
    }
}

/// |y − t|; the derivative at 0 is 0.
///
/// # Shapes
///
/// Any shape S with a [`Batch<S>`](Batch) of targets: the mean over all values of all samples.
///
/// PyTorch: `nn.L1Loss()`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Identity, MeanAbsoluteError};
///
/// let mut model = Model::new(net!(Vector<2> => {Identity}), 0);
/// let (y, targets) = (Batch::from([[3.0, 1.0]]), Batch::from([[1.0, 1.0]]));
/// let (loss, gradients) = model.gradients_with_input(&y, &targets, &MeanAbsoluteError)?;
/// assert_eq!(loss, 1.0);
/// assert_eq!(gradients.input().unwrap().sample(0), [0.5, 0.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanAbsoluteError;

impl Pointwise for MeanAbsoluteError {
    fn compare(&self, y: f64, target: f64) -> (f64, f64) {
        let difference = y - target;
        let sign = if difference == 0.0 { 0.0 } else { difference.signum() };
        (difference.abs(), sign)
    }
}

/// ½(y − t)² where the two are at most `delta` apart, delta·(|y − t| − ½ delta) beyond (Huber, 1964).
///
/// # Shapes
///
/// Any shape S with a [`Batch<S>`](Batch) of targets: the mean over all values of all samples.
///
/// PyTorch: `nn.HuberLoss(delta=delta)`; with a `delta` of 1 also `nn.SmoothL1Loss()`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Identity, Huber};
///
/// let mut model = Model::new(net!(Vector<2> => {Identity}), 0);
/// let (y, targets) = (Batch::from([[4.0, 1.5]]), Batch::from([[1.0, 1.0]]));
/// let (loss, gradients) = model.gradients_with_input(&y, &targets, &Huber { delta: 1.0 })?;
/// assert_eq!(loss, (2.5 + 0.125) / 2.0);
/// assert_eq!(gradients.input().unwrap().sample(0), [0.5, 0.25]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Huber {
    /// Where the square becomes a line.
    pub delta: f64,
}

impl Default for Huber {
    /// A `delta` of 1.
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Pointwise for Huber {
    fn compare(&self, y: f64, target: f64) -> (f64, f64) {
        let (difference, delta) = (y - target, self.delta);
        if difference.abs() <= delta {
            (0.5 * difference * difference, difference)
        } else {
            (delta * (difference.abs() - 0.5 * delta), delta * difference.signum())
        }
    }
}

/// Binary cross-entropy of outputs before the sigmoid: −t·log σ(y) − (1 − t)·log(1 − σ(y)), in the form that is stable for
/// every y: max(y, 0) − y·t + log(1 + exp(−|y|)).
///
/// # Shapes
///
/// Any shape S with a [`Batch<S>`](Batch) of targets: the mean over all values of all samples.
///
/// PyTorch: `nn.BCEWithLogitsLoss()`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Identity, BinaryCrossEntropy};
///
/// let mut model = Model::new(net!(Vector<2> => {Identity}), 0);
/// let (y, targets) = (Batch::from([[0.0, 0.0]]), Batch::from([[1.0, 0.0]]));
/// let (loss, gradients) = model.gradients_with_input(&y, &targets, &BinaryCrossEntropy)?;
/// assert!((loss - 2f32.ln()).abs() < 1e-6); // each a coin
/// assert_eq!(gradients.input().unwrap().sample(0), [-0.25, 0.25]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct BinaryCrossEntropy;

impl Pointwise for BinaryCrossEntropy {
    fn compare(&self, y: f64, target: f64) -> (f64, f64) {
        let small = (-y.abs()).exp();
        let sigmoid = if y < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
        // NaN goes through both.
        (if y < 0.0 { 0.0 } else { y } - y * target + small.ln_1p(), sigmoid - target)
    }
}
