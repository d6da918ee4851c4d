//! Inputs of mean 0 and deviation 1.

use core::marker::PhantomData;

use super::{Dataset, Source};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::{Error, check_length};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Samples that are in memory at once while they are measured.
const MEASURED: usize = 256;

/// The mean of equal values is off by less than so much of it.
const ROUNDING: f64 = 1e-12;

/// The mean and the deviation of each channel of samples of shape `S`: what training data is normalised by, and everything
/// that the network sees after it, (x − mean) / deviation.
///
/// Measured on training data alone, it is kept beside the weights, in a [`Card`](crate::Card), and applied to whatever is predicted. The default changes nothing.
///
/// # Examples
///
/// ```
/// use shapewright::data::{Normalisation, digits};
///
/// let (train, test) = digits();
/// let normalisation = Normalisation::of(&train)?;
/// let (train, test) = (train.normalised(&normalisation), test.normalised(&normalisation));
/// let mean = train.inputs().as_slice().iter().sum::<f32>() / (1_437.0 * 64.0);
/// assert!(mean.abs() < 1e-5);
/// # assert_eq!(test.len(), 360);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Normalisation<S> {
    mean: Vec<f64>,
    deviation: Vec<f64>,
    shape: PhantomData<S>,
}

impl<S: Shape> Default for Normalisation<S> {
    fn default() -> Self {
        Self { mean: vec![0.0; Self::CHANNELS], deviation: vec![1.0; Self::CHANNELS], shape: PhantomData }
    }
}

impl<S: Shape> Normalisation<S> {
    /// A feature is a channel of one position.
    const CHANNELS: usize = S::DIMS[0];

    /// The mean and the deviation of each channel, or one for all, from somewhere else.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if they are not as many as the channels, [`Error::Setting`] if a mean is not finite or a deviation
    /// not above 0.
    pub fn new(mean: &[f64], deviation: &[f64]) -> Result<Self, Error> {
        if let (&[mean], &[deviation], 2..) = (mean, deviation, Self::CHANNELS) {
            return Self::new(&vec![mean; Self::CHANNELS], &vec![deviation; Self::CHANNELS]);
        }
        check_length(Self::CHANNELS, mean.len())?;
        check_length(Self::CHANNELS, deviation.len())?;
        let refused = |name, value, allowed| Err(Error::Setting { name, value, allowed });
        if let Some(&value) = mean.iter().find(|mean| !mean.is_finite()) {
            return refused("mean", value, "a finite number");
        }
        if let Some(&value) = deviation.iter().find(|deviation| !(deviation.is_finite() && **deviation > 0.0)) {
            return refused("deviation", value, "a finite number above 0");
        }
        Ok(Self { mean: mean.to_vec(), deviation: deviation.to_vec(), shape: PhantomData })
    }

    /// That of all samples of a source. The deviation is divided by n; that of a channel without any but for rounding, 10⁻¹² of its mean, is taken as 1.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyBatch`] if there are no samples, [`Error::Setting`] if a value is not finite, and what reading the
    /// samples says.
    pub fn of<E: Element>(source: &impl Source<S, E>) -> Result<Self, Error> {
        if source.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let mut moments = vec![Moments::default(); Self::CHANNELS];
        let all: Vec<usize> = (0..source.len()).collect();
        for indices in all.chunks(MEASURED) {
            let (batch, _) = source.batch(0, indices)?;
            for sample in batch.iter() {
                for (moments, channel) in moments.iter_mut().zip(sample.chunks_exact(S::LEN / Self::CHANNELS)) {
                    moments.add(Moments::of(channel));
                }
            }
        }
        let mean: Vec<f64> = moments.iter().map(|moments| moments.mean).collect();
        let deviation: Vec<f64> = moments.iter().map(Moments::deviation).collect();
        Self::new(&mean, &deviation)
    }

    /// The mean of each channel.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The deviation of each channel.
    #[must_use]
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }

    /// Normalises every sample of a batch.
    pub fn apply<E: Element>(&self, batch: &mut Batch<S, E>) {
        self.apply_to(batch.as_mut_slice());
    }

    /// Normalises one sample.
    pub fn apply_to_tensor<E: Element>(&self, sample: &mut Tensor<S, E>) {
        self.apply_to(sample.as_mut_slice());
    }

    fn apply_to<E: Element>(&self, samples: &mut [E]) {
        for sample in samples.chunks_exact_mut(S::LEN) {
            let channels = sample.chunks_exact_mut(S::LEN / Self::CHANNELS);
            for ((channel, &mean), &deviation) in channels.zip(&self.mean).zip(&self.deviation) {
                let (mean, scale) = (E::from_f64(mean), E::from_f64(deviation.recip()));
                for value in channel {
                    *value = (*value - mean) * scale;
                }
            }
        }
    }
}

impl<S: Shape, const CLASSES: usize, E: Element> Dataset<S, CLASSES, E> {
    /// The same samples, normalised.
    #[must_use]
    pub fn normalised(mut self, normalisation: &Normalisation<S>) -> Self {
        normalisation.apply(&mut self.inputs);
        self
    }
}

/// The samples of a source, normalised as they are taken.
///
/// # Examples
///
/// Pictures that stay in their files:
///
/// ```no_run
/// use shapewright::data::{Folder, Normalisation, Normalised, Part};
/// use shapewright::prelude::*;
///
/// let pets = Folder::<Image<3, 64, 64>, 2>::open("pets")?;
/// let (train, held_out) = Part::split(&pets, 20_000, 1)?;
/// let normalisation = Normalisation::of(&train)?;
/// let train = Normalised::new(&train, &normalisation);
/// let held_out = Dataset::load(&held_out)?.normalised(&normalisation);
/// # let mut model = Model::new(net!(Image<3, 64, 64> => flatten >> dense(2)), 1);
/// Trainer::new(Adam::new(1e-3)).fit(&mut model, &train, &held_out)?;
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Debug)]
pub struct Normalised<'a, D, S> {
    source: &'a D,
    normalisation: &'a Normalisation<S>,
}

impl<'a, D, S> Normalised<'a, D, S> {
    /// The samples of `source`, normalised.
    #[must_use]
    pub const fn new(source: &'a D, normalisation: &'a Normalisation<S>) -> Self {
        Self { source, normalisation }
    }
}

impl<S: Shape, E: Element, D: Source<S, E>> Source<S, E> for Normalised<'_, D, S> {
    type Targets = D::Targets;

    fn len(&self) -> usize {
        self.source.len()
    }

    fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, Self::Targets), Error> {
        let (mut samples, targets) = self.source.batch(epoch, indices)?;
        self.normalisation.apply(&mut samples);
        Ok((samples, targets))
    }

    fn class_names(&self) -> Option<&[String]> {
        self.source.class_names()
    }
}

/// Count, mean and sum of squared differences from the mean, of values that come in parts.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn of<E: Element>(values: &[E]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().map(|value| value.as_f64()).sum::<f64>() / count;
        let squares = values.iter().map(|value| (value.as_f64() - mean).powi(2)).sum();
        Self { count, mean, squares }
    }

    /// Adds those of more values (Chan, Golub and `LeVeque`, 1983).
    fn add(&mut self, other: Self) {
        let count = self.count + other.count;
        let apart = other.mean - self.mean;
        self.mean += apart * other.count / count;
        self.squares += other.squares + apart * apart * self.count * other.count / count;
        self.count = count;
    }

    fn deviation(&self) -> f64 {
        let deviation = (self.squares / self.count).sqrt();
        if deviation <= ROUNDING * self.mean.abs() { 1.0 } else { deviation }
    }
}
