//! Transposed convolution over sequences: a [`ConvTranspose2d`] of which both numbers of each pair are the same, on an
//! image of one row.

use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Fold, Folding, Forward, Layer, Preparation, Prepared, Space};
use crate::layers::ConvTranspose2d;
use crate::layers::terms::{BiasTerm, Takes};
use crate::layers::transposition::Transposition;
use crate::shape::transposed::TransposedSpan;
use crate::shape::window::Grouping;
use crate::shape::{MakeSequence, Sequence, Shape};
use crate::slots::Slots;

/// The convolution from a sequence of `O` channels to one of `C` that is transposed.
const fn transposition<const C: usize, const L: usize, const O: usize, K, S, P, OP, D, G>() -> Transposition
where
    OP: TransposedSpan<L, K, S, P, D>,
    G: Grouping<O>,
{
    let window = Window2d { channels: O, ..OP::WINDOW };
    Transposition::of(Conv2dGeometry { window, filters: C, groups: G::GROUPS })
}

impl<const C: usize, const L: usize, I, const O: usize, K, S, P, OP, D, G, B> Layer<Sequence<C, L>>
    for ConvTranspose2d<I, O, K, S, P, OP, D, G, B>
where
    Sequence<C, L>: Shape,
    Self: Clone + Send + Sync,
    I: Takes<C>,
    OP: TransposedSpan<L, K, S, P, D>,
    OP::Output: MakeSequence<O>,
    G: Grouping<C> + Grouping<O>,
    B: BiasTerm,
{
    type Output = I::Then<<OP::Output as MakeSequence<O>>::Sequence>;

    const PARAMS: usize = transposition::<C, L, O, K, S, P, OP, D, G>().geometry.weight_len() + B::TERMS * O;
    const SLOTS: Slots = {
        let geometry = transposition::<C, L, O, K, S, P, OP, D, G>().geometry;
        Slots::weight_and_bias(&[C, geometry.group_channels(), geometry.window.kernel[1]], B::TERMS * O)
    };
    const SCRATCH: Space = transposition::<C, L, O, K, S, P, OP, D, G>().scratch();
    const INFERENCE: Space = transposition::<C, L, O, K, S, P, OP, D, G>().inference();
    const PREPARED: Prepared = transposition::<C, L, O, K, S, P, OP, D, G>().prepared();
    const MACS: usize = transposition::<C, L, O, K, S, P, OP, D, G>().geometry.macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        const { transposition::<C, L, O, K, S, P, OP, D, G>() }.prepare(preparation);
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        const { transposition::<C, L, O, K, S, P, OP, D, G>() }.forward(pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        const { transposition::<C, L, O, K, S, P, OP, D, G>() }.backward(pass);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        const { transposition::<C, L, O, K, S, P, OP, D, G>() }.fold(folding);
    }
}
