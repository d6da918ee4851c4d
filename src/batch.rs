//! Many samples.

use core::fmt;
use core::marker::PhantomData;

use crate::element::Element;
use crate::error::{Error, check_length};
use crate::shape::{Image, Sequence, Shape, Vector};
use crate::tensor::{Tensor, debug_values};

/// Samples of shape `S`, one after the other in memory. Their number is known at run time: last batches are short.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let batch = Batch::<Vector<3>>::from_fn(2, |sample, index| (10 * sample + index) as f32);
/// assert_eq!(batch.sample(1), [10.0, 11.0, 12.0]);
/// assert_eq!(batch.iter().count(), 2);
///
/// let error = Batch::<Vector<3>>::from_slice(2, &[0.0; 7]).unwrap_err();
/// assert_eq!(error.to_string(), "the number of values must be 6, but is 7");
/// ```
#[derive(Clone, PartialEq)]
pub struct Batch<S, E = f32> {
    samples: usize,
    values: Vec<E>,
    shape: PhantomData<S>,
}

impl<S: Shape, E: Element> Batch<S, E> {
    /// `samples` samples, all zero.
    ///
    /// # Panics
    ///
    /// If they are more than memory can hold.
    #[must_use]
    pub fn zeros(samples: usize) -> Self {
        Self { samples, values: vec![E::zero(); Self::length(samples)], shape: PhantomData }
    }

    /// The samples that these values are.
    pub(crate) const fn holding(samples: usize, values: Vec<E>) -> Self {
        Self { samples, values, shape: PhantomData }
    }

    /// The number of values of `samples` samples; no slice is as long as one that does not fit into a `usize`.
    const fn length(samples: usize) -> usize {
        samples.saturating_mul(S::LEN)
    }

    /// The value at each index of each sample; the index runs channel by channel, row by row.
    #[must_use]
    pub fn from_fn(samples: usize, mut value: impl FnMut(usize, usize) -> E) -> Self {
        let mut values = Vec::with_capacity(Self::length(samples));
        for sample in 0..samples {
            for index in 0..S::LEN {
                values.push(value(sample, index));
            }
        }
        Self::holding(samples, values)
    }

    /// A copy of the values of `samples` samples.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are not `samples` × `S::LEN` of them.
    pub fn from_slice(samples: usize, values: &[E]) -> Result<Self, Error> {
        Self::from_vec(samples, values.to_vec())
    }

    /// The values of `samples` samples.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are not `samples` × `S::LEN` of them.
    pub fn from_vec(samples: usize, values: Vec<E>) -> Result<Self, Error> {
        check_length(Self::length(samples), values.len())?;
        Ok(Self { samples, values, shape: PhantomData })
    }

    /// The values of one sample.
    ///
    /// # Panics
    ///
    /// If there is no such sample.
    #[must_use]
    pub fn sample(&self, index: usize) -> &[E] {
        assert!(index < self.samples, "sample {index} of a batch of {}", self.samples);
        &self.values[index * S::LEN..][..S::LEN]
    }

    /// One sample as a tensor of its own, or `None` if there is no such sample.
    #[must_use]
    pub fn tensor(&self, index: usize) -> Option<Tensor<S, E>> {
        (index < self.samples).then(|| {
            let values = self.sample(index);
            Tensor::from_fn(|index| values[index])
        })
    }

    /// The values of each sample in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[E]> {
        (0..self.samples).map(|index| self.sample(index))
    }

    /// The samples at `indices`, in that order.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let values = indices.iter().flat_map(|&index| self.sample(index).iter().copied()).collect();
        Self { samples: indices.len(), values, shape: PhantomData }
    }

    /// The same numbers in another element type.
    #[must_use]
    pub fn cast<F: Element>(&self) -> Batch<S, F> {
        let values = self.values.iter().map(|value| F::from_f64(value.as_f64())).collect();
        Batch { samples: self.samples, values, shape: PhantomData }
    }
}

impl<S, E> Batch<S, E> {
    crate::__misplaced! { Self: Ranked, argmax(&self, Axis) }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// All values, sample by sample.
    #[must_use]
    pub fn as_slice(&self) -> &[E] {
        &self.values
    }

    /// All values, to change.
    pub fn as_mut_slice(&mut self) -> &mut [E] {
        &mut self.values
    }
}

impl<S: Shape, E: Element> FromIterator<Tensor<S, E>> for Batch<S, E> {
    fn from_iter<T: IntoIterator<Item = Tensor<S, E>>>(tensors: T) -> Self {
        let mut batch = Self::zeros(0);
        for tensor in tensors {
            batch.samples += 1;
            batch.values.extend_from_slice(tensor.as_slice());
        }
        batch
    }
}

impl<const B: usize, const C: usize, const H: usize, const W: usize, E: Element> From<[[[[E; W]; H]; C]; B]>
    for Batch<Image<C, H, W>, E>
where
    Image<C, H, W>: Shape,
{
    fn from(values: [[[[E; W]; H]; C]; B]) -> Self {
        values.into_iter().map(Tensor::from).collect()
    }
}

impl<const B: usize, const C: usize, const L: usize, E: Element> From<[[[E; L]; C]; B]> for Batch<Sequence<C, L>, E>
where
    Sequence<C, L>: Shape,
{
    fn from(values: [[[E; L]; C]; B]) -> Self {
        values.into_iter().map(Tensor::from).collect()
    }
}

impl<const B: usize, const N: usize, E: Element> From<[[E; N]; B]> for Batch<Vector<N>, E>
where
    Vector<N>: Shape,
{
    fn from(values: [[E; N]; B]) -> Self {
        values.into_iter().map(Tensor::from).collect()
    }
}

impl<S: Shape, E: Element> fmt::Debug for Batch<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch<{:?}> of {} ", S::default(), self.samples)?;
        debug_values(&self.values, f)
    }
}
