//! Pairs of samples mixed, and their labels with them.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Beta, Distribution};

use super::Chance;
use crate::batch::Batch;
use crate::data::Source;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::Shape;
use crate::soft_labels::SoftLabels;

/// Mixes the first sample of a batch with the last, the second with the last but one: λ of the one and 1 − λ of the other,
/// and so their labels, with one λ a batch drawn from Beta(α, α)
/// ([Zhang et al., 2018](https://arxiv.org/abs/1710.09412)). Batches are to be shuffled.
///
/// # Examples
///
/// ```
/// use shapewright::augment::Mixup;
/// use shapewright::data::{Source, digits};
/// use shapewright::prelude::*;
///
/// let (train, _) = digits();
/// let mixed = Mixup::alpha(0.2).of(&train, 42); // seed 42
/// let (pictures, labels) = mixed.batch(0, &[0, 1, 2, 3])?;
/// let mut model = Model::new(net!(Image<1, 8, 8> => flatten >> dense(10)), 1);
/// model.step(&pictures, &labels, &CrossEntropy, &mut Adam::new(1e-3))?;
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixup {
    beta: Beta<f64>,
}

impl Mixup {
    /// Mixes by λ of Beta(α, α): 0.2 mixes little, 1 evenly.
    ///
    /// # Panics
    ///
    /// If `alpha` is not a finite number above 0.
    #[must_use]
    pub fn alpha(alpha: f64) -> Self {
        assert!(alpha > 0.0 && alpha.is_finite(), "α is a finite number above 0, but is {alpha}");
        Self { beta: Beta::new(alpha, alpha).expect("above 0") }
    }

    /// The samples of `source`, mixed. λ depends on the seed, the epoch and the batch's first sample.
    #[must_use]
    pub const fn of<D>(self, source: &D, seed: u64) -> Mixed<'_, D> {
        Mixed { source, mixup: self, seed }
    }

    fn share(self, chance: &mut Chance) -> f64 {
        let seed = u64::from(chance.bits()) << 32 | u64::from(chance.bits());
        self.beta.sample(&mut ChaCha8Rng::seed_from_u64(seed))
    }
}

/// The samples of a source, mixed in pairs.
#[derive(Debug)]
pub struct Mixed<'a, D> {
    source: &'a D,
    mixup: Mixup,
    seed: u64,
}

impl<S, E, D, const CLASSES: usize> Source<S, E> for Mixed<'_, D>
where
    S: Shape,
    E: Element,
    D: Source<S, E, Targets = Labels<CLASSES>>,
{
    type Targets = SoftLabels<CLASSES>;

    fn len(&self) -> usize {
        self.source.len()
    }

    fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, SoftLabels<CLASSES>), Error> {
        let (mut samples, labels) = self.source.batch(epoch, indices)?;
        let mut labels = SoftLabels::from(&labels);
        if let Some(&first) = indices.first() {
            let share = self.mixup.share(&mut Chance::new(self.seed, epoch, first));
            mix(samples.as_mut_slice(), S::LEN, E::from_f64(share));
            mix(labels.values_mut(), CLASSES, share);
        }
        Ok((samples, labels))
    }

    fn class_names(&self) -> Option<&[String]> {
        self.source.class_names()
    }
}

/// Mixes the first `length` values with the last, and so on inwards: each becomes `share` of its own and the rest of the
/// other's.
fn mix<E: Element>(values: &mut [E], length: usize, share: E) {
    let samples = values.len() / length;
    let (front, back) = values.split_at_mut(samples / 2 * length);
    for (one, other) in front.chunks_exact_mut(length).zip(back.chunks_exact_mut(length).rev()) {
        for (one, other) in one.iter_mut().zip(other) {
            (*one, *other) = (share * *one + (E::one() - share) * *other, share * *other + (E::one() - share) * *one);
        }
    }
}
