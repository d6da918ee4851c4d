//! Which class each sample is.

use crate::error::Error;

/// The classes of samples, each below `CLASSES`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// assert_eq!(Labels::<10>::new(&[3, 9])?.as_slice(), [3, 9]);
/// let error = Labels::<10>::new(&[3, 10]).unwrap_err();
/// assert_eq!(error.to_string(), "label 10 at position 1 is not one of 10 classes, 0 to 9");
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels<const CLASSES: usize>(Vec<usize>);

impl<const CLASSES: usize> Labels<CLASSES> {
    /// A copy of `labels`.
    ///
    /// # Errors
    ///
    /// [`Error::Label`] for the first that is not below `CLASSES`.
    pub fn new(labels: &[usize]) -> Result<Self, Error> {
        match labels.iter().position(|&label| label >= CLASSES) {
            Some(position) => Err(Error::Label { position, label: labels[position], classes: CLASSES }),
            None => Ok(Self(labels.to_vec())),
        }
    }

    /// The labels.
    #[must_use]
    pub fn as_slice(&self) -> &[usize] {
        &self.0
    }

    /// The number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no labels.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels at `indices`, in that order.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self(indices.iter().map(|&index| self.0[index]).collect())
    }
}
