//! How much of each class a sample is.

use crate::error::Error;
use crate::labels::Labels;

/// Rounding that a sum of probabilities may have.
const ROUNDING: f64 = 1e-6;

/// A probability for each of `CLASSES` classes, for each sample: labels that are mixed, or what another network says.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::SoftLabels;
///
/// let labels = SoftLabels::new(&[[0.5, 0.5, 0.0], [0.0, 0.1, 0.9]])?;
/// let mut model = Model::new(net!(Vector<2> => dense(3)), 1);
/// model.step(&Batch::zeros(2), &labels, &CrossEntropy, &mut Sgd::new(0.1))?;
///
/// let error = SoftLabels::new(&[[0.5, 0.75]]).unwrap_err();
/// assert_eq!(error.to_string(),
///     "the probabilities at position 0 must be at least 0 and add up to 1, but the least is 0.5 and the sum 1.25");
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SoftLabels<const CLASSES: usize>(Vec<[f64; CLASSES]>);

impl<const CLASSES: usize> SoftLabels<CLASSES> {
    /// A copy of the probabilities of each sample.
    ///
    /// # Errors
    ///
    /// [`Error::Probabilities`] for the first that are negative or do not add up to 1.
    pub fn new(probabilities: &[[f64; CLASSES]]) -> Result<Self, Error> {
        for (position, row) in probabilities.iter().enumerate() {
            let (least, sum) = (row.iter().copied().fold(f64::INFINITY, f64::min), row.iter().sum::<f64>());
            let fits = least >= 0.0 && (sum - 1.0).abs() <= ROUNDING;
            if !fits {
                return Err(Error::Probabilities { position, least, sum });
            }
        }
        Ok(Self(probabilities.to_vec()))
    }

    /// The probabilities of each sample.
    #[must_use]
    pub fn as_slice(&self) -> &[[f64; CLASSES]] {
        &self.0
    }

    /// All probabilities, sample by sample, to change.
    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        self.0.as_flattened_mut()
    }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const CLASSES: usize> From<&Labels<CLASSES>> for SoftLabels<CLASSES> {
    /// 1 for the class of each sample, 0 for the others.
    fn from(labels: &Labels<CLASSES>) -> Self {
        let row = |&label: &usize| core::array::from_fn(|class| f64::from(u8::from(class == label)));
        Self(labels.as_slice().iter().map(row).collect())
    }
}
