//! What the types of layers are written with: input sizes and bias.

use typenum::{Eq, IsEqual};

use crate::shape::Shape;
use crate::shape::rules::{Channels, FeatureCount, Features, Verdict};
use crate::shape::size::{Dim, N, Sizes};

/// A stated input size: the `3` of `conv(3=>32, k5)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct In<const SIZE: usize>;

/// Whatever input size arrives: `conv(32, k5)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arriving;

/// An input size that agrees with `C` arriving channels.
pub trait Takes<const C: usize> {
    /// What the layer gives, or nothing where it does not agree.
    type Then<S: Shape>: Shape;
}

impl<const C: usize> Takes<C> for Arriving {
    type Then<S: Shape> = S;
}

impl<const C: usize, const SIZE: usize> Takes<C> for In<SIZE>
where
    (): Channels<C, SIZE>,
{
    type Then<S: Shape> = <() as Channels<C, SIZE>>::Then<S>;
}

/// An input size that agrees with arriving features.
pub trait TakesFeatures<F> {
    /// What the layer gives, or nothing where it does not agree.
    type Then<S: Shape>: Shape;
}

impl<F: Features> TakesFeatures<F> for Arriving {
    type Then<S: Shape> = F::Then<S>;
}

impl<F: Features, const SIZE: usize> TakesFeatures<F> for In<SIZE>
where
    Sizes: Dim<SIZE>,
    F::Length: IsEqual<N<SIZE>>,
    Eq<F::Length, N<SIZE>>: Verdict,
    <Eq<F::Length, N<SIZE>> as Verdict>::Is: FeatureCount<F, SIZE>,
{
    type Then<S: Shape> = <<Eq<F::Length, N<SIZE>> as Verdict>::Is as FeatureCount<F, SIZE>>::Then<S>;
}

/// A bias: one value added to each output channel or feature.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bias;

/// No bias.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBias;

/// [`Bias`] or [`NoBias`].
pub trait BiasTerm {
    /// 1 with a bias, 0 without.
    const TERMS: usize;
}

impl BiasTerm for Bias {
    const TERMS: usize = 1;
}

impl BiasTerm for NoBias {
    const TERMS: usize = 0;
}
