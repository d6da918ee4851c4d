//! How good a model is.

use core::fmt;

use crate::data::Dataset;
use crate::element::Element;
use crate::labels::Labels;
use crate::loss::Loss;
use crate::model::{Model, OutputOf, argmax};
use crate::network::Network;
use crate::shape::Shape;
use crate::shape::rules::Scores;

/// What a model makes of labelled samples. Its `Display` is the confusion matrix: a row for each class, a column for each answer.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::train::evaluate;
///
/// let mut model = Model::new(net!(Vector<3> => dense(3)), 0);
/// model.parameters_mut().copy_from_slice(&[9.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0]);
/// let inputs = Batch::from([[1.0, 0.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]);
/// let data = Dataset::<Vector<3>, 3>::new(inputs, Labels::new(&[0, 1, 2, 1])?)?;
///
/// let evaluation = evaluate(&model, &data, &CrossEntropy);
/// assert_eq!(evaluation.accuracy(), 0.75);
/// assert_eq!(evaluation.top(2), 1.0);
/// assert_eq!(evaluation.count(1, 0), 1); // one of class 1 is taken for class 0
/// assert_eq!(evaluation.confusion(), [[1, 0, 0], [1, 1, 0], [0, 0, 1]]);
/// assert_eq!((evaluation.precision(0), evaluation.recall(1)), (0.5, 0.5));
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation<const CLASSES: usize> {
    /// The mean loss, in evaluation mode; NaN if there are no samples.
    pub loss: f64,
    /// Samples by their class and the answer.
    confusion: Vec<usize>,
    /// Samples by their class that have no answer.
    unanswered: [usize; CLASSES],
    /// Samples that have an answer by the number of classes that the model finds likelier than the right one.
    ranks: [usize; CLASSES],
}

impl<const CLASSES: usize> Evaluation<CLASSES> {
    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.ranks.iter().sum::<usize>() + self.unanswered()
    }

    /// The number of samples without an answer, because an output is not a number. None of them is right, by any measure.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.unanswered.iter().sum()
    }

    /// The share of samples that the model gets right, 0 to 1; NaN if there are none.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..CLASSES).map(|class| self.count(class, class)).sum();
        right as f64 / self.samples() as f64
    }

    /// The share of samples whose class is among the `k` likeliest, 0 to 1; NaN if there are none.
    #[must_use]
    pub fn top(&self, k: usize) -> f64 {
        self.ranks[..k.min(CLASSES)].iter().sum::<usize>() as f64 / self.samples() as f64
    }

    /// How many samples of `class` the model takes for `answer`.
    ///
    /// # Panics
    ///
    /// If one of them is not a class.
    #[must_use]
    pub fn count(&self, class: usize, answer: usize) -> usize {
        assert!(class < CLASSES && answer < CLASSES, "classes are 0 to {}", CLASSES - 1);
        self.confusion[class * CLASSES + answer]
    }

    /// The samples by their class, a row each, and by what the model takes them for, a column each: what
    /// [`plot::confusion`](crate::plot::confusion) draws.
    #[must_use]
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        self.confusion.chunks(CLASSES).map(<[usize]>::to_vec).collect()
    }

    /// The share of those taken for `class` that are of it, 0 to 1; NaN if none is taken for it.
    #[must_use]
    pub fn precision(&self, class: usize) -> f64 {
        let taken: usize = (0..CLASSES).map(|of| self.count(of, class)).sum();
        self.count(class, class) as f64 / taken as f64
    }

    /// The share of those of `class` that are taken for it, 0 to 1; NaN if there are none.
    #[must_use]
    pub fn recall(&self, class: usize) -> f64 {
        let answered: usize = (0..CLASSES).map(|answer| self.count(class, answer)).sum();
        self.count(class, class) as f64 / (answered + self.unanswered[class]) as f64
    }
}

impl<const CLASSES: usize> fmt::Display for Evaluation<CLASSES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = self.confusion.iter().copied().max().unwrap_or(0).max(CLASSES);
        let width = largest.to_string().len() + 2;
        write!(f, "class")?;
        (0..CLASSES).try_for_each(|answer| write!(f, "{answer:>width$}"))?;
        writeln!(f)?;
        for class in 0..CLASSES {
            write!(f, "{class:>5}")?;
            (0..CLASSES).try_for_each(|answer| write!(f, "{:>width$}", self.count(class, answer)))?;
            writeln!(f)?;
        }
        match self.unanswered() {
            0 => Ok(()),
            count => writeln!(f, "{count} without an answer: an output is not a number"),
        }
    }
}

/// The class that an output says, if all of it is numbers.
pub(crate) fn answer<E: Element>(y: &[E]) -> Option<usize> {
    (!y.iter().any(|score| score.is_nan())).then(|| argmax(y))
}

/// What `model` makes of `data`.
#[must_use]
pub fn evaluate<N, E, L, const CLASSES: usize>(
    model: &Model<N, E>,
    data: &Dataset<N::Input, CLASSES, E>,
    loss: &L,
) -> Evaluation<CLASSES>
where
    N: Network,
    E: Element,
    L: Loss<OutputOf<N>, Labels<CLASSES>>,
    OutputOf<N>: Scores,
{
    let outputs = model.forward(data.inputs());
    let normaliser = loss.normaliser(data.labels());
    let mut unused = vec![E::zero(); OutputOf::<N>::LEN];
    let confusion = vec![0; CLASSES * CLASSES];
    let mut evaluation = Evaluation { loss: 0.0, confusion, unanswered: [0; CLASSES], ranks: [0; CLASSES] };
    for (sample, (y, &class)) in outputs.iter().zip(data.labels().as_slice()).enumerate() {
        evaluation.loss += loss.sample(data.labels(), sample, normaliser, y, &mut unused);
        let Some(answer) = answer(y) else {
            evaluation.unanswered[class] += 1;
            continue;
        };
        evaluation.confusion[class * CLASSES + answer] += 1;
        // of equals the first is the answer
        let likelier = |&(other, score): &(usize, &E)| *score > y[class] || *score == y[class] && other < class;
        evaluation.ranks[y.iter().enumerate().filter(likelier).count()] += 1;
    }
    if data.is_empty() {
        evaluation.loss = f64::NAN;
    }
    evaluation
}

/// The share of samples whose largest output is that of their class, 0 to 1; NaN if there are no samples.
#[must_use]
pub fn accuracy<N, E, const CLASSES: usize>(model: &Model<N, E>, data: &Dataset<N::Input, CLASSES, E>) -> f64
where
    N: Network,
    E: Element,
    OutputOf<N>: Scores,
{
    let outputs = model.forward(data.inputs());
    let right = outputs.iter().zip(data.labels().as_slice()).filter(|&(y, &label)| answer(y) == Some(label)).count();
    right as f64 / data.len() as f64
}
