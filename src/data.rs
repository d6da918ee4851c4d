//! Samples with labels: sets in memory, and readers of the formats in which they are published.
//!
//! Nothing is downloaded: a file that is not there is an error that says which, where it was looked for and what the data
//! set is called. A file that is not what its type says is refused as a whole, with the place and the numbers.

mod normalisation;
mod part;
mod place;
mod prefetch;
mod source;

#[cfg(feature = "data")]
mod cifar;
#[cfg(feature = "data")]
mod contents;
#[cfg(feature = "data")]
mod csv;
#[cfg(feature = "data")]
mod digits;
#[cfg(feature = "image")]
mod folder;
#[cfg(feature = "data")]
mod idx;
#[cfg(feature = "data")]
mod idx_file;
#[cfg(feature = "data")]
mod locate;
#[cfg(feature = "data")]
mod mnist;
#[cfg(feature = "data")]
pub(crate) mod npy;
#[cfg(feature = "data")]
pub(crate) mod npz;
#[cfg(feature = "image")]
mod picture;

pub use normalisation::{Normalisation, Normalised};
pub use part::Part;
pub use place::Place;
pub use prefetch::{Batches, prefetch};
pub use source::Source;

#[cfg(feature = "data")]
pub use {
    self::csv::{LabelColumn, csv},
    cifar::{cifar10, cifar100},
    digits::digits,
    idx::idx,
    idx_file::IdxFile,
    mnist::{fashion_mnist, mnist},
    npy::{npy, npy_labels},
    npz::Npz,
};

#[cfg(feature = "image")]
pub use {
    folder::Folder,
    picture::{Fitting, Pixels, picture},
};

use std::sync::Arc;

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
    class_names: Option<Arc<[String; CLASSES]>>,
}

impl<S: Shape, const CLASSES: usize, E: Element> Dataset<S, CLASSES, E> {
    /// Samples and their labels.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if there are not as many labels as samples.
    pub fn new(inputs: Batch<S, E>, labels: Labels<CLASSES>) -> Result<Self, Error> {
        check_samples(inputs.len(), labels.len())?;
        Ok(Self { inputs, labels, class_names: None })
    }

    /// The same samples with names for their classes.
    #[must_use]
    pub fn with_class_names(self, names: [impl Into<String>; CLASSES]) -> Self {
        Self { class_names: Some(Arc::new(names.map(Into::into))), ..self }
    }

    /// What the classes are called, if that is known.
    #[must_use]
    pub fn class_names(&self) -> Option<&[String; CLASSES]> {
        self.class_names.as_deref()
    }

    /// The same samples in another element type.
    #[must_use]
    pub fn cast<F: Element>(&self) -> Dataset<S, CLASSES, F> {
        let Self { inputs, labels, class_names } = self;
        Dataset { inputs: inputs.cast(), labels: labels.clone(), class_names: class_names.clone() }
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
        let (inputs, labels) = (self.inputs.select(indices), self.labels.select(indices));
        Self { inputs, labels, class_names: self.class_names.clone() }
    }

    /// All samples in an order drawn by `seed`.
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        self.select(&order(self.len(), seed, 0))
    }

    /// `first` samples drawn by `seed`, and the rest.
    ///
    /// # Errors
    ///
    /// [`Error::Split`] if there are not as many.
    pub fn split(&self, first: usize, seed: u64) -> Result<(Self, Self), Error> {
        let order = order(self.len(), seed, 0);
        let parts = order.split_at_checked(first);
        let (first, rest) = parts.ok_or(Error::Split { first, samples: self.len() })?;
        Ok((self.select(first), self.select(rest)))
    }

    /// As [`split`](Dataset::split), with each class's share of the samples in both parts: as near as whole samples come.
    ///
    /// # Errors
    ///
    /// [`Error::Split`] if there are not as many.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// let labels = Labels::<2>::new(&[[0; 6].as_slice(), &[1; 3]].concat())?;
    /// let data = Dataset::new(Batch::<Vector<1>>::zeros(9), labels)?;
    /// let (train, test) = data.split_stratified(6, 1)?;
    /// assert_eq!(train.labels().as_slice().iter().sum::<usize>(), 2); // a third of 6
    /// assert_eq!(test.labels().as_slice().iter().sum::<usize>(), 1); // a third of 3
    /// assert_eq!(data.split(10, 1).unwrap_err().to_string(),
    ///     "the first part of a split must be at most 9 samples, but is 10");
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn split_stratified(&self, first: usize, seed: u64) -> Result<(Self, Self), Error> {
        if first > self.len() {
            return Err(Error::Split { first, samples: self.len() });
        }
        let mut shares = self.shares(first);
        let labels = self.labels.as_slice();
        let (first, rest): (Vec<usize>, Vec<usize>) = order(self.len(), seed, 0).into_iter().partition(|&sample| {
            let share = &mut shares[labels[sample]];
            let taken = *share > 0;
            *share -= usize::from(taken);
            taken
        });
        Ok((self.select(&first), self.select(&rest)))
    }

    crate::__misplaced! { Self: Batched, batches(&self, Size) }

    /// How many samples of each class are among `first`: what is left by rounding down goes to the largest remainders.
    fn shares(&self, first: usize) -> [usize; CLASSES] {
        let mut counts = [0_usize; CLASSES];
        for &label in self.labels.as_slice() {
            counts[label] += 1;
        }
        let product = |class: usize| counts[class] as u128 * first as u128;
        let samples = self.len().max(1) as u128;
        let mut shares = core::array::from_fn(|class| usize::try_from(product(class) / samples).unwrap_or(usize::MAX));
        let mut classes: Vec<usize> = (0..CLASSES).collect();
        classes.sort_by_key(|&class| core::cmp::Reverse(product(class) % samples));
        let left = first - shares.iter().sum::<usize>();
        for &class in &classes[..left] {
            shares[class] += 1;
        }
        shares
    }
}

/// The numbers of `samples` samples in the order in which epoch `epoch` takes them: drawn from `seed`, another for each epoch.
///
/// # Examples
///
/// ```
/// use shapewright::data::order;
///
/// assert_eq!(order(60_000, 42, 3), order(60_000, 42, 3));
/// assert_ne!(order(60_000, 42, 3), order(60_000, 42, 4));
/// ```
#[must_use]
pub fn order(samples: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(epoch);
    shuffled(samples, &mut generator)
}

/// The numbers below `count` in an order drawn from `generator`.
pub(crate) fn shuffled(count: usize, generator: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(generator);
    order
}
