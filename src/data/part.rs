//! Some of the samples of a source.

use super::{Source, order};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::shape::Shape;

/// Some of the samples of a source, taken from it as they are asked for.
///
/// # Examples
///
/// ```
/// use shapewright::data::{Part, Source, digits};
///
/// let (digits, _) = digits();
/// let (train, held_out) = Part::split(&digits, 1_200, 1)?; // by seed 1
/// assert_eq!((train.len(), held_out.len()), (1_200, 237));
/// let (pictures, labels) = held_out.batch(0, &[236, 0])?;
/// # assert_eq!((pictures.len(), labels.len()), (2, 2));
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Part<'a, D> {
    source: &'a D,
    samples: Vec<usize>,
}

impl<'a, D> Part<'a, D> {
    /// The samples of `source` with these numbers, in this order.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn new<S: Shape, E: Element>(source: &'a D, samples: Vec<usize>) -> Self
    where
        D: Source<S, E>,
    {
        let count = source.len();
        assert!(samples.iter().all(|&sample| sample < count), "the source has {count} samples, numbered from 0");
        Self { source, samples }
    }

    /// `first` samples drawn by `seed`, and the rest: the same as [`Dataset::split`](super::Dataset::split) gives.
    ///
    /// # Errors
    ///
    /// [`Error::Split`] if there are not as many.
    pub fn split<S: Shape, E: Element>(source: &'a D, first: usize, seed: u64) -> Result<(Self, Self), Error>
    where
        D: Source<S, E>,
    {
        let mut samples = order(source.len(), seed, 0);
        if first > samples.len() {
            return Err(Error::Split { first, samples: samples.len() });
        }
        let rest = samples.split_off(first);
        Ok((Self { source, samples }, Self { source, samples: rest }))
    }
}

impl<S: Shape, E: Element, D: Source<S, E>> Source<S, E> for Part<'_, D> {
    type Targets = D::Targets;

    fn len(&self) -> usize {
        self.samples.len()
    }

    fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, Self::Targets), Error> {
        let samples: Vec<usize> = indices.iter().map(|&index| self.samples[index]).collect();
        self.source.batch(epoch, &samples)
    }

    fn class_names(&self) -> Option<&[String]> {
        self.source.class_names()
    }
}
