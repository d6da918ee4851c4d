//! One sample.

use core::fmt;

use generic_array::GenericArray;

use crate::element::Element;
use crate::error::Error;
use crate::shape::{Image, Sequence, Shape, Vector};

/// The values of one sample of shape `S`: an array on the heap whose length is part of its type.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let picture = Tensor::<Image<1, 2, 3>>::from([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]);
/// assert_eq!(picture.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
///
/// let error = Tensor::<Image<1, 2, 3>>::from_slice(&[0.0; 5]).unwrap_err();
/// assert_eq!(error.to_string(), "the number of values must be 6, but is 5");
/// ```
#[derive(Clone, PartialEq)]
pub struct Tensor<S: Shape, E: Element = f32> {
    values: Box<GenericArray<E, S::Length>>,
}

impl<S: Shape, E: Element> Tensor<S, E> {
    /// All zero.
    #[must_use]
    pub fn zeros() -> Self {
        Self::from_fn(|_| E::zero())
    }

    /// The value at each position, channel by channel, row by row.
    #[must_use]
    pub fn from_fn(value: impl FnMut(usize) -> E) -> Self {
        let values: Box<[E]> = (0..S::LEN).map(value).collect();
        Self::from_boxed(values).unwrap_or_else(|_| unreachable!("a shape's LEN is the length of its array"))
    }

    /// A copy of `values`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there are not `S::LEN` of them.
    pub fn from_slice(values: &[E]) -> Result<Self, Error> {
        Self::from_boxed(values.into())
    }

    fn from_boxed(values: Box<[E]>) -> Result<Self, Error> {
        let found = values.len();
        match GenericArray::try_from_boxed_slice(values) {
            Ok(values) => Ok(Self { values }),
            Err(_) => Err(Error::Length { expected: S::LEN, found }),
        }
    }

    /// The values, channel by channel, row by row.
    #[must_use]
    pub fn as_slice(&self) -> &[E] {
        self.values.as_slice()
    }

    /// The values, to change.
    pub fn as_mut_slice(&mut self) -> &mut [E] {
        self.values.as_mut_slice()
    }

    /// The values as an array of known length.
    #[must_use]
    pub fn as_array(&self) -> &GenericArray<E, S::Length> {
        &self.values
    }

    /// The values in order.
    pub fn iter(&self) -> core::slice::Iter<'_, E> {
        self.as_slice().iter()
    }
}

impl<'a, S: Shape, E: Element> IntoIterator for &'a Tensor<S, E> {
    type Item = &'a E;
    type IntoIter = core::slice::Iter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<const C: usize, const H: usize, const W: usize, E: Element> From<[[[E; W]; H]; C]> for Tensor<Image<C, H, W>, E>
where
    Image<C, H, W>: Shape,
{
    fn from(values: [[[E; W]; H]; C]) -> Self {
        let values = values.as_flattened().as_flattened();
        Self::from_fn(|index| values[index])
    }
}

impl<const C: usize, const L: usize, E: Element> From<[[E; L]; C]> for Tensor<Sequence<C, L>, E>
where
    Sequence<C, L>: Shape,
{
    fn from(values: [[E; L]; C]) -> Self {
        let values = values.as_flattened();
        Self::from_fn(|index| values[index])
    }
}

impl<const N: usize, E: Element> From<[E; N]> for Tensor<Vector<N>, E>
where
    Vector<N>: Shape,
{
    fn from(values: [E; N]) -> Self {
        Self::from_fn(|index| values[index])
    }
}

impl<S: Shape, E: Element> fmt::Debug for Tensor<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor<{:?}> ", S::default())?;
        debug_values(self.as_slice(), f)
    }
}

/// Writes the first values and how many there are, so that a picture does not flood the terminal.
pub(crate) fn debug_values<E: Element>(values: &[E], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const SHOWN: usize = 8;
    let shown = &values[..values.len().min(SHOWN)];
    f.debug_list().entries(shown).finish()?;
    if values.len() > SHOWN { write!(f, " and {} more", values.len() - SHOWN) } else { Ok(()) }
}
