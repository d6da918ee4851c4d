//! Convolution over sequences: a [`Conv2d`] of which both numbers of each pair are the same, on an image of one row.

use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Fold, Folding, Forward, Layer, Preparation, Prepared, Space};
use crate::layers::Conv2d;
use crate::layers::convolution::{self, At, Convolution};
use crate::layers::terms::{BiasTerm, Takes};
use crate::shape::grid::Span;
use crate::shape::window::Grouping;
use crate::shape::{MakeSequence, Sequence, Shape};
use crate::slots::Slots;

impl<const C: usize, const L: usize, I, const O: usize, K, S, P, D, G, B> Convolution
    for At<Conv2d<I, O, K, S, P, D, G, B>, Sequence<C, L>>
where
    P: Span<L, K, S, D>,
    G: Grouping<C>,
{
    const GEOMETRY: Conv2dGeometry =
        Conv2dGeometry { window: Window2d { channels: C, ..P::WINDOW }, filters: O, groups: G::GROUPS };
}

impl<const C: usize, const L: usize, I, const O: usize, K, S, P, D, G, B> Layer<Sequence<C, L>>
    for Conv2d<I, O, K, S, P, D, G, B>
where
    Sequence<C, L>: Shape,
    Self: Clone + Send + Sync,
    I: Takes<C>,
    P: Span<L, K, S, D>,
    P::Output: MakeSequence<O>,
    G: Grouping<C> + Grouping<O>,
    B: BiasTerm,
{
    type Output = I::Then<<P::Output as MakeSequence<O>>::Sequence>;

    const PARAMS: usize = At::<Self, Sequence<C, L>>::GEOMETRY.weight_len() + B::TERMS * O;
    const SLOTS: Slots = {
        let geometry = At::<Self, Sequence<C, L>>::GEOMETRY;
        Slots::weight_and_bias(&[O, geometry.group_channels(), geometry.window.kernel[1]], B::TERMS * O)
    };
    const SCRATCH: Space = At::<Self, Sequence<C, L>>::SCRATCH;
    const INFERENCE: Space = At::<Self, Sequence<C, L>>::INFERENCE;
    const PREPARED: Prepared = At::<Self, Sequence<C, L>>::PATH.prepared();
    const MACS: usize = At::<Self, Sequence<C, L>>::GEOMETRY.macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);
    const INTERLEAVES: [bool; 2] = At::<Self, Sequence<C, L>>::PATH.interleaves();

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        convolution::prepare::<At<Self, Sequence<C, L>>, E>(preparation);
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        convolution::forward::<At<Self, Sequence<C, L>>, E>(pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        convolution::backward::<At<Self, Sequence<C, L>>, E>(pass);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        folding.take_rows(const { At::<Self, Sequence<C, L>>::GEOMETRY.weight_len() });
    }
}
