//! What to try before a long training: are the gradients right, does the loss begin where chance puts it, can the network learn a few
//! samples by heart, how large may steps be?

use core::fmt;

use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::loss::{CrossEntropy, Loss};
use crate::model::{Model, OutputOf};
use crate::network::Network;
use crate::optim::{Adam, Optimizer};
use crate::shape::rules::Scores;

/// The step of the central differences, in f64.
const STEP: f64 = 1e-5;
/// Gradients below it are compared as they are, not relative to their size.
const FLOOR: f64 = 1e-3;
/// At most so many values of a parameter are checked, spread over all of it.
const VALUES: usize = 64;

/// How far a parameter's gradient is from central differences.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// The parameter, or `input`.
    pub name: String,
    /// How many of its values were changed.
    pub values: usize,
    /// The largest |a − b| / max(10⁻³, |a| + |b|) between a gradient a and a difference b, which rounding makes uncertain by about 10⁻¹⁰. Below 10⁻⁶ all is well; above 10⁻² something is
    /// wrong; between, a change may have crossed the corner of a relu or a pool. ∞ if a gradient or a difference is not a number.
    pub error: f64,
}

impl fmt::Display for GradientCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, values, error } = self;
        write!(f, "{name:<20} {values:>4} values, relative error {error:.1e}")
    }
}

/// Compares the gradient of the mean cross-entropy, in training mode and double precision, with (L(θ + h) − L(θ − h)) / 2h for each
/// parameter and the input, h = 10⁻⁵.
///
/// # Errors
///
/// Those of [`Model::gradients`].
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::train::gradcheck;
///
/// let model = Model::new(net!(Image<1, 6, 6> => conv(1=>2, k3) >> tanh >> flatten >> dense(3)), 1);
/// let x = Batch::from_fn(2, |sample, index| ((sample + 3 * index) % 7) as f32 / 7.0);
/// for check in gradcheck(&model, &x, &Labels::new(&[0, 2])?)? {
///     println!("{check}");
///     assert!(check.error < 1e-6, "{check}");
/// }
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn gradcheck<N: Network, E: Element, const CLASSES: usize>(
    model: &Model<N, E>,
    x: &Batch<N::Input, E>,
    labels: &Labels<CLASSES>,
) -> Result<Vec<GradientCheck>, Error>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<CLASSES>>,
{
    let mut model = model.cast::<f64>();
    let mut x = Batch::from_vec(x.len(), x.as_slice().iter().map(|value| value.as_f64()).collect())?;
    let (_, gradients) = model.gradients_with_input(&x, labels, &CrossEntropy)?;
    let mut checks = Vec::new();
    for gradient in gradients.params() {
        checks.push(check(gradient.name, gradient.values, |position, offset| {
            model.param_mut(gradient.name)?.values[position] += offset;
            let loss = model.gradients(&x, labels, &CrossEntropy)?.0;
            model.param_mut(gradient.name)?.values[position] -= offset;
            Ok(loss)
        })?);
    }
    if let Some(input) = gradients.input() {
        checks.push(check("input", input.as_slice(), |position, offset| {
            x.as_mut_slice()[position] += offset;
            let loss = model.gradients(&x, labels, &CrossEntropy)?.0;
            x.as_mut_slice()[position] -= offset;
            Ok(loss)
        })?);
    }
    Ok(checks)
}

/// Compares gradients with differences; `loss_at` gives the loss with the value at a position changed by an offset.
fn check(
    name: &str,
    gradients: &[f64],
    mut loss_at: impl FnMut(usize, f64) -> Result<f64, Error>,
) -> Result<GradientCheck, Error> {
    let mut checked = GradientCheck { name: name.to_owned(), values: 0, error: 0.0 };
    for position in (0..gradients.len()).step_by(gradients.len().div_ceil(VALUES).max(1)) {
        let difference = (loss_at(position, STEP)? - loss_at(position, -STEP)?) / (2.0 * STEP);
        let gradient = gradients[position];
        let error = (gradient - difference).abs() / (gradient.abs() + difference.abs()).max(FLOOR);
        checked.values += 1;
        checked.error = checked.error.max(if error.is_nan() { f64::INFINITY } else { error }); // `max` passes NaN over
    }
    Ok(checked)
}

/// The mean cross-entropy of an untrained model, and ln C, what a model that knows nothing of C classes has: if the first is much larger, the
/// initial weights are too large. It is in training mode; the model is left as it was.
///
/// # Errors
///
/// Those of [`Model::gradients`].
pub fn initial_loss<N: Network, E: Element, const CLASSES: usize>(
    model: &Model<N, E>,
    x: &Batch<N::Input, E>,
    labels: &Labels<CLASSES>,
) -> Result<(f64, f64), Error>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<CLASSES>>,
{
    let (loss, _) = model.clone().gradients(x, labels, &CrossEntropy)?;
    Ok((loss.as_f64(), (CLASSES as f64).ln()))
}

/// Trains on the same few samples by [`Adam`] until their loss is a hundredth of what it was, and gives the number of steps that it took; `None` if
/// `steps` did not do: the network cannot learn even these by heart, so something is wrong with it or with the labels.
///
/// # Errors
///
/// Those of [`Model::step`].
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::train::overfit;
///
/// let mut model = Model::new(net!(Vector<4> => dense(16) >> relu >> dense(3)), 1);
/// let x = Batch::from_fn(6, |sample, index| if index == sample % 4 { 1.0 } else { 0.0 });
/// assert!(overfit(&mut model, &x, &Labels::new(&[0, 1, 2, 1, 0, 1])?, 500)?.is_some());
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn overfit<N: Network, E: Element, const CLASSES: usize>(
    model: &mut Model<N, E>,
    x: &Batch<N::Input, E>,
    labels: &Labels<CLASSES>,
    steps: usize,
) -> Result<Option<usize>, Error>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<CLASSES>>,
    OutputOf<N>: Scores,
{
    let mut adam = Adam::new(0.01);
    let first = model.step(x, labels, &CrossEntropy, &mut adam)?.as_f64();
    for step in 2..=steps {
        if model.step(x, labels, &CrossEntropy, &mut adam)?.as_f64() < first / 100.0 {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// The losses of steps whose learning rates rise from `least` to `most`, each a constant factor above the one before (Smith, 2017,
/// <https://arxiv.org/abs/1506.01186>): pairs of a learning rate and the loss before its step. It ends early where the loss is four times the least so far
/// or not finite. A good learning rate is some way below the one at which the loss begins to rise. The model is left as it was.
///
/// `optimizer` makes an optimizer of a learning rate; it is asked for each step, so momentum plays no part.
///
/// # Errors
///
/// Those of [`Model::step`], and [`Error::Setting`] unless 0 < `least` < `most`.
pub fn find_learning_rate<N: Network, E: Element, O: Optimizer<E>, const CLASSES: usize>(
    model: &Model<N, E>,
    x: &Batch<N::Input, E>,
    labels: &Labels<CLASSES>,
    (least, most): (f64, f64),
    optimizer: impl Fn(f64) -> O,
) -> Result<Vec<(f64, f64)>, Error>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<CLASSES>>,
{
    const STEPS: i32 = 100;
    if !(least > 0.0 && least.is_finite()) {
        return Err(Error::Setting { name: "least", value: least, allowed: "above 0 and finite" });
    }
    if !(most > least && most.is_finite()) {
        return Err(Error::Setting { name: "most", value: most, allowed: "above the least and finite" });
    }
    let mut model = model.clone();
    let mut losses: Vec<(f64, f64)> = Vec::new();
    let mut lowest = f64::INFINITY;
    for step in 0..STEPS {
        let rate = least * (most / least).powf(f64::from(step) / f64::from(STEPS - 1));
        let loss = match model.step(x, labels, &CrossEntropy, &mut optimizer(rate)) {
            Err(Error::NonFiniteLoss { .. }) => break,
            loss => loss?.as_f64(),
        };
        losses.push((rate, loss));
        lowest = lowest.min(loss);
        if loss > 4.0 * lowest {
            break;
        }
    }
    Ok(losses)
}
