//! Where training takes its samples from.

use std::sync::Arc;

use super::Dataset;
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::Shape;

/// Samples of shape `S` with targets, taken by their numbers: a [`Dataset`] in memory, or files that are read as they are
/// asked for. An epoch is an order of the numbers, cut into batches; samples that are changed at random change from epoch
/// to epoch.
///
/// # Examples
///
/// Samples that are computed:
///
/// ```
/// use shapewright::data::Source;
/// use shapewright::prelude::*;
///
/// struct Parity;
///
/// impl Source<Vector<8>> for Parity {
///     type Targets = Labels<2>;
///
///     fn len(&self) -> usize {
///         256
///     }
///
///     fn batch(&self, _epoch: u64, indices: &[usize]) -> Result<(Batch<Vector<8>>, Labels<2>), shapewright::Error> {
///         let bits = Batch::from_fn(indices.len(), |sample, bit| (indices[sample] >> bit & 1) as f32);
///         let parities: Vec<usize> = indices.iter().map(|index| index.count_ones() as usize % 2).collect();
///         Ok((bits, Labels::new(&parities)?))
///     }
/// }
///
/// let (bits, parities) = Parity.batch(0, &[7, 128])?;
/// assert_eq!(bits.sample(0), [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
/// assert_eq!(parities.as_slice(), [1, 1]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source of samples of {S} in {E}, which the network takes",
    label = "not samples of {S} in {E}",
    note = "`fit` takes the model, the data to train on and held-out data, in this order",
    note = "read the data as what the network takes: `Dataset<{S}, CLASSES, {E}>`, which `Dataset::new(images, labels)?` makes of a batch and its labels"
)]
pub trait Source<S: Shape, E: Element = f32>: Sync {
    /// What a loss compares outputs with: [`Labels`], for classes.
    type Targets: Send + Sync;

    /// The number of samples.
    fn len(&self) -> usize;

    /// Whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples at `indices`, in that order, as they are in epoch `epoch`.
    ///
    /// # Errors
    ///
    /// What reading them says: all of them or none.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, Self::Targets), Error>;

    /// What the classes are called, if there are classes and that is known.
    fn class_names(&self) -> Option<&[String]> {
        None
    }
}

impl<S: Shape, const CLASSES: usize, E: Element> Source<S, E> for Dataset<S, CLASSES, E> {
    type Targets = Labels<CLASSES>;

    fn len(&self) -> usize {
        Dataset::len(self)
    }

    fn batch(&self, _epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, Self::Targets), Error> {
        Ok((self.inputs.select(indices), self.labels.select(indices)))
    }

    fn class_names(&self) -> Option<&[String]> {
        Dataset::class_names(self).map(<[String; CLASSES]>::as_slice)
    }
}

impl<S: Shape, const CLASSES: usize, E: Element> Dataset<S, CLASSES, E> {
    /// All samples of a source, in memory, as they are in epoch 0, with the names of its classes.
    ///
    /// # Errors
    ///
    /// What reading them says.
    pub fn load(source: &impl Source<S, E, Targets = Labels<CLASSES>>) -> Result<Self, Error> {
        let all: Vec<usize> = (0..source.len()).collect();
        let (inputs, labels) = source.batch(0, &all)?;
        let names = source.class_names().and_then(|names| <[String; CLASSES]>::try_from(names.to_vec()).ok());
        Ok(Self { class_names: names.map(Arc::new), ..Self::new(inputs, labels)? })
    }
}
