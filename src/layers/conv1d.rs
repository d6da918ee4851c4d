//! Convolution over sequences: a [`Conv2d`] of which both numbers of each pair are the same, on an image of one row.

use super::columns;
use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Fold, Folding, Forward, Layer, Space};
use crate::layers::Conv2d;
use crate::layers::terms::{BiasTerm, Takes};
use crate::shape::grid::Span;
use crate::shape::window::Grouping;
use crate::shape::{MakeSequence, Sequence, Shape};
use crate::slots::Slots;

/// The sizes of `O` filters over a sequence of `C` channels.
const fn geometry<const C: usize, const L: usize, const O: usize, K, S, P, D, G>() -> Conv2dGeometry
where
    P: Span<L, K, S, D>,
    G: Grouping<C>,
{
    Conv2dGeometry { window: Window2d { channels: C, ..P::WINDOW }, filters: O, groups: G::GROUPS }
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
    type Output = <P::Output as MakeSequence<O>>::Sequence;

    const PARAMS: usize = geometry::<C, L, O, K, S, P, D, G>().weight_len() + B::TERMS * O;
    const SLOTS: Slots = {
        let geometry = geometry::<C, L, O, K, S, P, D, G>();
        Slots::weight_and_bias(&[O, geometry.group_channels(), geometry.window.kernel[1]], B::TERMS * O)
    };
    const SCRATCH: Space = Space::fixed(geometry::<C, L, O, K, S, P, D, G>().scratch_len());
    const MACS: usize = geometry::<C, L, O, K, S, P, D, G>().macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        columns::forward(const { &geometry::<C, L, O, K, S, P, D, G>() }, pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        columns::backward(const { &geometry::<C, L, O, K, S, P, D, G>() }, pass);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        folding.take_rows(geometry::<C, L, O, K, S, P, D, G>().weight_len());
    }
}
