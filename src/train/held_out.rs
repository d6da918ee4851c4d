//! What a training is measured on.

use super::evaluation::evaluate;
use crate::data::Dataset;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::layer::Mode;
use crate::loss::Loss;
use crate::model::{Model, OutputOf};
use crate::network::Network;
use crate::shape::Shape;
use crate::shape::rules::Scores;

/// Held-out samples of shape `S` for a training whose targets are `Targets`: a [`Dataset`].
///
/// What is wrong with them is said by the targets: where the data to train on are wrong, and have none, nothing is said twice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not held-out data of samples of {S} in {E}, which the network takes",
    label = "not samples of {S} in {E}",
    note = "`fit` takes the model, the data to train on and held-out data, in this order",
    note = "held-out data are a `Dataset<{S}, CLASSES, {E}>`, which `Dataset::new(images, labels)?` makes of a batch and its labels"
)]
pub trait HeldOut<S: Shape, E: Element, Targets> {
    /// What outputs are compared with.
    type Labels: Sync;
    /// How they are measured.
    type Measure: Measure<Self, S, E, Labels = Self::Labels>;
}

#[diagnostic::do_not_recommend]
impl<D, S: Shape, E: Element, Targets: Measure<D, S, E>> HeldOut<S, E, Targets> for D {
    type Labels = Targets::Labels;
    type Measure = Targets;
}

/// How held-out samples `D` are measured.
pub trait Measure<D: ?Sized, S: Shape, E: Element> {
    /// What outputs are compared with.
    type Labels: Sync;

    /// The number of samples.
    fn samples(held_out: &D) -> usize;

    /// The mean loss and the share of samples that the model gets right, NaN if there are none.
    ///
    /// # Errors
    ///
    /// [`Error::NonFiniteHeldOutLoss`].
    fn measure<N: Network<Input = S>, L: Loss<OutputOf<N>, Self::Labels>>(
        held_out: &D,
        model: &Model<N, E>,
        loss: &L,
    ) -> Result<[f64; 2], Error>
    where
        OutputOf<N>: Scores;
}

/// `L`, a loss for these targets: nothing is asked of it before they are known, so that it does not choose them.
pub type LossFor<Targets, L> = <Targets as Behind<L>>::Given;

/// Targets, and whatever stands behind them.
pub trait Behind<L> {
    /// `L`.
    type Given;
}

impl<L, Targets> Behind<L> for Targets {
    type Given = L;
}

impl<Targets, S: Shape, E: Element, const CLASSES: usize> Measure<Dataset<S, CLASSES, E>, S, E> for Targets {
    type Labels = Labels<CLASSES>;

    fn samples(held_out: &Dataset<S, CLASSES, E>) -> usize {
        held_out.len()
    }

    fn measure<N: Network<Input = S>, L: Loss<OutputOf<N>, Labels<CLASSES>>>(
        held_out: &Dataset<S, CLASSES, E>,
        model: &Model<N, E>,
        loss: &L,
    ) -> Result<[f64; 2], Error>
    where
        OutputOf<N>: Scores,
    {
        let evaluation = evaluate(model, held_out, loss);
        if evaluation.loss.is_finite() || held_out.is_empty() {
            return Ok([evaluation.loss, evaluation.accuracy()]);
        }
        let origin = model.origin(Mode::Evaluate, 0, held_out.inputs(), held_out.labels(), loss);
        Err(Error::NonFiniteHeldOutLoss { loss: evaluation.loss, origin })
    }
}
