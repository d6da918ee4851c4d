//! Evaluation: outputs, and the class that they name.

use super::{Model, OutputOf, Prediction, Workspace};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::exec::{Evaluation, Inference};
use crate::layer::{Layer, Mode, Run};
use crate::loss::{check_samples, softmax};
use crate::network::Network;
use crate::parallel;
use crate::scratch::Scratch;
use crate::shape::Shape;
use crate::shape::rules::Scores;
use crate::tensor::Tensor;
use crate::watch::{Seen, Watch};

impl<N, E: Element> Model<N, E> {
    /// Evaluates a batch.
    #[must_use]
    pub fn forward(&self, x: &Batch<N::Input, E>) -> Batch<OutputOf<N>, E>
    where
        N: Network,
    {
        Batch::holding(x.len(), self.workspace.infer_fresh(self.evaluation(), x.len(), x.as_slice()))
    }

    /// Evaluates a batch into memory that is there already; allocates nothing.
    ///
    /// The batch, or the work of a layer where there are few samples, is cut into at most as many parts as the scratch has
    /// lanes.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if `y` is not of as many samples as `x`.
    pub fn infer_into(
        &self,
        x: &Batch<N::Input, E>,
        y: &mut Batch<OutputOf<N>, E>,
        scratch: &mut Scratch<N, E>,
    ) -> Result<(), Error>
    where
        N: Network,
    {
        check_samples(x.len(), y.len())?;
        let Scratch { values, lanes, .. } = scratch;
        let prepared = self.workspace.prepared.forward(&self.network, &self.parameters, &self.state);
        let evaluation = Evaluation { prepared: &prepared, ..self.evaluation() };
        evaluation.infer(x.as_slice(), y.as_mut_slice(), values, *lanes);
        Ok(())
    }

    /// The class of one sample, for a network that gives a feature for each class.
    #[must_use]
    pub fn predict(&self, x: &Tensor<N::Input, E>) -> Prediction<E>
    where
        N: Network,
        OutputOf<N>: Scores,
    {
        let y = self.output(x);
        let class = argmax(y.as_slice());
        Prediction { class, probability: probabilities(&y).as_slice()[class] }
    }

    /// How likely the network finds each class for one sample: the softmax of its outputs.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// let model = Model::new(net!(Vector<2> => dense(3)), 0);
    /// let x = Tensor::from([0.5, -0.5]);
    /// let probabilities = model.probabilities(&x);
    /// assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    /// let said = model.predict(&x);
    /// assert_eq!(probabilities.as_slice()[said.class], said.probability);
    /// ```
    #[must_use]
    pub fn probabilities(&self, x: &Tensor<N::Input, E>) -> Tensor<OutputOf<N>, E>
    where
        N: Network,
        OutputOf<N>: Scores,
    {
        probabilities(&self.output(x))
    }

    fn output(&self, x: &Tensor<N::Input, E>) -> Tensor<OutputOf<N>, E>
    where
        N: Network,
    {
        let mut y = Tensor::zeros();
        self.workspace.infer(self.evaluation(), x.as_slice(), y.as_mut_slice());
        y
    }

    /// What every stage gives for one sample, in evaluation. A residual block, branches or a repetition are one stage.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// let model = Model::new(net!(Image<1, 6, 6> => conv(1=>2, k3) >> relu >> flatten >> out: dense(3)), 0);
    /// let x = Tensor::from_fn(|index| (index as f32).sin());
    /// let stages = model.stages(&x);
    /// assert_eq!(stages.iter().map(|seen| &*seen.name).collect::<Vec<_>>(), ["0", "1", "2", "out"]);
    /// assert_eq!(stages[1].dims, [2, 4, 4]);
    /// assert_eq!(stages[3].values.len(), 3);
    /// ```
    #[must_use]
    pub fn stages(&self, x: &Tensor<N::Input, E>) -> Vec<Seen<E>>
    where
        N: Network,
    {
        let run = Run::alone(Mode::Evaluate, 1);
        let mut watch = Watch::forward(run, x.as_slice(), 1, &self.parameters, &self.state);
        Layer::<N::Input>::watch(&self.network, &mut watch);
        watch.seen().0
    }

    /// What is to be evaluated, but for what the network prepares.
    fn evaluation(&self) -> Evaluation<'_, E>
    where
        N: Network,
    {
        Evaluation {
            network: &self.network,
            inference: const { Inference::of::<N>() },
            parameters: &self.parameters,
            prepared: &[],
            state: &self.state,
            folded: self.workspace.prepared.is_folded(),
        }
    }
}

impl<E: Element> Workspace<E> {
    /// Evaluates `samples` with all threads.
    fn infer_fresh(&self, evaluation: Evaluation<'_, E>, samples: usize, x: &[E]) -> Vec<E> {
        self.lent(evaluation, samples, |evaluation, scratch, threads| evaluation.infer_fresh(x, scratch, threads))
    }

    /// Evaluates one sample with all threads.
    fn infer(&self, evaluation: Evaluation<'_, E>, x: &[E], y: &mut [E]) {
        self.lent(evaluation, 1, |evaluation, scratch, threads| evaluation.infer(x, y, scratch, threads));
    }

    /// Runs an evaluation of `samples` with what the network has prepared, scratch of the model's own and all threads.
    fn lent<T>(
        &self,
        evaluation: Evaluation<'_, E>,
        samples: usize,
        infer: impl FnOnce(Evaluation<'_, E>, &mut [E], usize) -> T,
    ) -> T {
        let threads = parallel::threads();
        let mut scratch = self.pool.take(evaluation.inference.room_on(samples, threads));
        let prepared = self.prepared.forward(evaluation.network, evaluation.parameters, evaluation.state);
        infer(Evaluation { prepared: &prepared, ..evaluation }, &mut scratch, threads)
    }
}

/// The softmax of the outputs for a sample.
fn probabilities<S: Shape, E: Element>(y: &Tensor<S, E>) -> Tensor<S, E> {
    let mut probabilities = Tensor::zeros();
    softmax(y.as_slice(), probabilities.as_mut_slice());
    probabilities
}

/// The position of the largest value, the first of equals; the first NaN if there is one.
pub(crate) fn argmax<E: Element>(values: &[E]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if value.is_nan() {
            return index;
        }
        if *value > values[best] {
            best = index;
        }
    }
    best
}
