//! Samples with labels.

#[cfg(feature = "data")]
mod digits;

#[cfg(feature = "data")]
pub use digits::digits;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::loss::check_samples;
use crate::shape::Shape;

/// Samples of shape `S`, each of one of `CLASSES` classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<S: Shape, const CLASSES: usize, E: Element = f32> {
    inputs: Batch<S, E>,
    labels: Labels<CLASSES>,
}

impl<S: Shape, const CLASSES: usize, E: Element> Dataset<S, CLASSES, E> {
    /// Samples and their labels.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if there are not as many labels as samples.
    pub fn new(inputs: Batch<S, E>, labels: Labels<CLASSES>) -> Result<Self, Error> {
        check_samples(inputs.len(), labels.len())?;
        Ok(Self { inputs, labels })
    }

    /// The samples.
    #[must_use]
    pub fn inputs(&self) -> &Batch<S, E> {
        &self.inputs
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> &Labels<CLASSES> {
        &self.labels
    }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The samples at `indices`, in that order.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self { inputs: self.inputs.select(indices), labels: self.labels.select(indices) }
    }

    /// `first` samples drawn by `seed`, and the rest; all of them and none if there are not as many.
    #[must_use]
    pub fn split(&self, first: usize, seed: u64) -> (Self, Self) {
        let order = shuffled(self.len(), &mut ChaCha8Rng::seed_from_u64(seed));
        let (first, rest) = order.split_at(first.min(order.len()));
        (self.select(first), self.select(rest))
    }
}

/// The numbers below `count` in an order drawn from `generator`.
pub(crate) fn shuffled(count: usize, generator: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(generator);
    order
}
