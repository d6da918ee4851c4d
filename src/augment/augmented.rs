//! A source whose pictures are changed as they are taken.

use super::{Augment, Chance, Picture};
use crate::batch::Batch;
use crate::data::Source;
use crate::element::Element;
use crate::error::Error;
use crate::parallel;

/// Pictures that share a scratch.
const TOGETHER: usize = 8;

/// The samples of a source, each changed by `augment`, in another way in each epoch.
///
/// A sample's change depends on the seed, the epoch and its number in the source, not on the batch in which it is asked for.
#[derive(Debug)]
pub struct Augmented<'a, D, A> {
    source: &'a D,
    augment: A,
    seed: u64,
}

impl<'a, D, A: Augment> Augmented<'a, D, A> {
    /// The samples of `source`, changed.
    #[must_use]
    pub const fn new(source: &'a D, augment: A, seed: u64) -> Self {
        Self { source, augment, seed }
    }
}

impl<S: Picture, E: Element, D: Source<S, E>, A: Augment> Source<S, E> for Augmented<'_, D, A> {
    type Targets = D::Targets;

    fn len(&self) -> usize {
        self.source.len()
    }

    fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, Self::Targets), Error> {
        let (mut pictures, targets) = self.source.batch(epoch, indices)?;
        parallel::parts(pictures.as_mut_slice(), TOGETHER * S::LEN, |part, pictures| {
            let mut scratch = vec![E::zero(); S::LEN];
            for (picture, &index) in pictures.chunks_exact_mut(S::LEN).zip(&indices[part * TOGETHER..]) {
                let mut chance = Chance::new(self.seed, epoch, index);
                self.augment.apply::<S, E>(&mut chance, picture, &mut scratch);
            }
        });
        Ok((pictures, targets))
    }
}
