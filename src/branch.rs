//! Layers whose input is read by others, too, so that an activation they begin with is applied to a copy of it.

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Backward, End, Folding, Forward, Head, Layer, Space};
use crate::shape::Shape;
use crate::tile;

/// Values of a sample that `L` reads in place of the input.
pub(crate) const fn copied<I: Shape, L: Layer<I>>() -> usize {
    match L::HEAD {
        Head::Own => 0,
        Head::Activation | Head::Whole => I::LEN,
    }
}

/// The room that a branch needs for inference as part of something that runs `samples` at once.
pub(crate) const fn inference<I: Shape, L: Layer<I>>(samples: usize) -> Space {
    tile::inference::<I, L>(samples).and_per_sample(copied::<I, L>())
}

/// The input, or a copy of it with the activation applied that the layer begins with.
pub(crate) fn with_head<'a, I: Shape, L: Layer<I>, E: Element>(layer: &L, x: &'a [E], copy: &'a mut [E]) -> &'a [E] {
    if L::HEAD == Head::Own {
        return x;
    }
    copy.copy_from_slice(x);
    layer.head().apply(copy);
    copy
}

/// Runs a branch forward, as if it stood alone.
pub(crate) fn forward<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Forward<'_, E>) {
    let (copy, scratch) = pass.scratch.split_at_mut(copied::<I, L>() * pass.samples);
    let x = with_head::<I, L, E>(layer, pass.x, copy);
    tile::forward(layer, Forward { x, scratch, epilogue: Activation::Identity, ..pass });
}

/// Runs a branch backward; its head's derivative is applied to `dx`.
pub(crate) fn backward<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Backward<'_, E>) {
    let (copy, scratch) = pass.scratch.split_at_mut(copied::<I, L>() * pass.samples);
    let x = with_head::<I, L, E>(layer, pass.x, copy);
    let Some(dx) = pass.dx else { return tile::backward(layer, Backward { x, scratch, ..pass }) };
    tile::backward(layer, Backward { x, dx: Some(&mut *dx), scratch, ..pass });
    layer.head().backward(x, dx);
}

/// Folds the batch norms inside of a branch; one that it begins with stays as it is.
pub(crate) fn fold<I: Shape, L: Layer<I>, E: Element>(layer: &L, parameters: &mut [E], state: &mut [E]) {
    layer.fold(Folding { parameters, state, before: End::Other, lines: &mut Vec::new() });
}
