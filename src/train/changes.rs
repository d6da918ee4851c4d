//! What becomes of training samples on their way into a step.

use crate::augment::{Augment, Augmented, Picture};
use crate::batch::Batch;
use crate::data::Source;
use crate::element::Element;
use crate::error::Error;
use crate::shape::Shape;

/// A way to take the batches of an epoch from a source of samples of shape `S`.
pub trait Changes<S: Shape, E: Element>: Sync {
    /// The samples at `indices`, as they are in epoch `epoch` of a training with this seed.
    ///
    /// # Errors
    ///
    /// What reading them says.
    fn batch<D: Source<S, E>>(
        &self,
        source: &D,
        position: [u64; 2],
        indices: &[usize],
    ) -> Result<(Batch<S, E>, D::Targets), Error>;
}

/// Samples as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsTheyAre;

impl<S: Shape, E: Element> Changes<S, E> for AsTheyAre {
    fn batch<D: Source<S, E>>(
        &self,
        source: &D,
        [_seed, epoch]: [u64; 2],
        indices: &[usize],
    ) -> Result<(Batch<S, E>, D::Targets), Error> {
        source.batch(epoch, indices)
    }
}

/// Pictures that are changed at random, by the training's seed.
#[derive(Clone, Copy, Debug)]
pub struct Augmenting<A>(pub(super) A);

impl<S: Picture, E: Element, A: Augment> Changes<S, E> for Augmenting<A> {
    fn batch<D: Source<S, E>>(
        &self,
        source: &D,
        [seed, epoch]: [u64; 2],
        indices: &[usize],
    ) -> Result<(Batch<S, E>, D::Targets), Error> {
        Augmented::new(source, &self.0, seed).batch(epoch, indices)
    }
}

/// A source whose samples are changed.
pub(super) struct Changed<'a, D, C> {
    pub(super) source: &'a D,
    pub(super) changes: &'a C,
    pub(super) seed: u64,
}

impl<S: Shape, E: Element, D: Source<S, E>, C: Changes<S, E>> Source<S, E> for Changed<'_, D, C> {
    type Targets = D::Targets;

    fn len(&self) -> usize {
        self.source.len()
    }

    fn batch(&self, epoch: u64, indices: &[usize]) -> Result<(Batch<S, E>, Self::Targets), Error> {
        self.changes.batch(self.source, [self.seed, epoch], indices)
    }
}
