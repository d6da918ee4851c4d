//! A source whose pictures are changed as they are taken.

use core::fmt;
use core::marker::PhantomData;

use super::{Augment, Chance, Picture};
use crate::batch::Batch;
use crate::data::Source;
use crate::element::Element;
use crate::error::Error;
use crate::parallel;
use crate::shape::Shape;

/// Pictures that share a scratch.
const TOGETHER: usize = 8;

/// The samples of a source, each changed by `augment`, in another way in each epoch.
///
/// A sample's change depends on the seed, the epoch and its number in the source, not on the batch in which it is asked for.
pub struct Augmented<'a, D, A, S, E = f32> {
    source: &'a D,
    augment: A,
    seed: u64,
    /// `A::apply` for `S`, chosen where `S` is known to be a picture: so it is `new` that refuses what is none, in one sentence.
    apply: fn(&A, &mut Chance, &mut [E], &mut [E]),
    shape: PhantomData<S>,
}

impl<'a, S: Picture, E: Element, D: Source<S, E>, A: Augment> Augmented<'a, D, A, S, E> {
    /// The samples of `source`, changed.
    #[must_use]
    pub const fn new(source: &'a D, augment: A, seed: u64) -> Self {
        Self { source, augment, seed, apply: A::apply::<S, E>, shape: PhantomData }
    }
}

impl<S: Shape, E: Element, D: Source<S, E>, A: Augment> Source<S, E> for Augmented<'_, D, A, S, E> {
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
                (self.apply)(&self.augment, &mut chance, picture, &mut scratch);
            }
        });
        Ok((pictures, targets))
    }

    fn class_names(&self) -> Option<&[String]> {
        self.source.class_names()
    }
}

impl<D: fmt::Debug, A: fmt::Debug, S, E> fmt::Debug for Augmented<'_, D, A, S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, augment, seed, .. } = self;
        f.debug_struct("Augmented").field("source", source).field("augment", augment).field("seed", seed).finish()
    }
}
