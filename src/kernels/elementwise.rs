//! Functions of one value, applied to many.

use super::simd::{Kernel, Lanes, Level};
use crate::element::Element;

/// A function of one value.
pub(crate) trait Elementwise<E: Element>: Copy {
    /// y from x.
    fn value<V: Lanes<E>>(self, x: V) -> V;

    /// dx from dy, and from y if the function is an [`Activation`](crate::Activation), else from x.
    fn gradient<V: Lanes<E>>(self, at: V, dy: V) -> V;
}

/// Replaces each x by y.
pub(crate) fn apply<E: Element>(level: Level, function: impl Elementwise<E>, values: &mut [E]) {
    level.run(Apply { function, values });
}

/// y from x.
pub(crate) fn map<E: Element>(level: Level, function: impl Elementwise<E>, x: &[E], y: &mut [E]) {
    level.run(Map { function, x, y });
}

/// Replaces each dy by dx.
pub(crate) fn apply_gradient<E: Element>(level: Level, function: impl Elementwise<E>, at: &[E], dy: &mut [E]) {
    level.run(ApplyGradient { function, at, dy });
}

/// dx from dy.
pub(crate) fn map_gradient<E: Element>(level: Level, function: impl Elementwise<E>, at: &[E], dy: &[E], dx: &mut [E]) {
    level.run(MapGradient { function, at, dy, dx });
}

struct Apply<'a, E, F> {
    function: F,
    values: &'a mut [E],
}

impl<E: Element, F: Elementwise<E>> Kernel<E> for Apply<'_, E, F> {
    #[inline(always)]
    fn run<V: Lanes<E>, const FILTERS: usize, const B: usize>(self) {
        for values in self.values.chunks_mut(V::COUNT) {
            self.function.value(V::load_first(values)).store_first(values);
        }
    }
}

struct Map<'a, E, F> {
    function: F,
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element, F: Elementwise<E>> Kernel<E> for Map<'_, E, F> {
    #[inline(always)]
    fn run<V: Lanes<E>, const FILTERS: usize, const B: usize>(self) {
        for (x, y) in self.x.chunks(V::COUNT).zip(self.y.chunks_mut(V::COUNT)) {
            self.function.value(V::load_first(x)).store_first(y);
        }
    }
}

struct ApplyGradient<'a, E, F> {
    function: F,
    at: &'a [E],
    dy: &'a mut [E],
}

impl<E: Element, F: Elementwise<E>> Kernel<E> for ApplyGradient<'_, E, F> {
    #[inline(always)]
    fn run<V: Lanes<E>, const FILTERS: usize, const B: usize>(self) {
        for (at, dy) in self.at.chunks(V::COUNT).zip(self.dy.chunks_mut(V::COUNT)) {
            self.function.gradient(V::load_first(at), V::load_first(dy)).store_first(dy);
        }
    }
}

struct MapGradient<'a, E, F> {
    function: F,
    at: &'a [E],
    dy: &'a [E],
    dx: &'a mut [E],
}

impl<E: Element, F: Elementwise<E>> Kernel<E> for MapGradient<'_, E, F> {
    #[inline(always)]
    fn run<V: Lanes<E>, const FILTERS: usize, const B: usize>(self) {
        let gradients = self.dy.chunks(V::COUNT).zip(self.dx.chunks_mut(V::COUNT));
        for (at, (dy, dx)) in self.at.chunks(V::COUNT).zip(gradients) {
            self.function.gradient(V::load_first(at), V::load_first(dy)).store_first(dx);
        }
    }
}

#[cfg(test)]
mod tests;
