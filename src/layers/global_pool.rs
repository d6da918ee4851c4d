//! One value a channel: the mean or the largest of all positions.

use crate::element::Element;
use crate::kernels::rows;
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer, Space};
use crate::shape::Known;
use crate::shape::grid::Grid;

/// The mean of each channel: y(c) = Σ over (i, j) of x(c, i, j) / (H·W).
///
/// It ends the convolutions of a network that takes any image size (Lin et al., *Network in Network*, 2013).
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, 1, 1>`, `Sequence<C, L>` → `Sequence<C, 1>`
///
/// PyTorch: `nn.AdaptiveAvgPool2d(1)`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::global_avgpool;
///
/// let model = Model::new(global_avgpool.on::<Image<2, 1, 3>>(), 0);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 6.0]], [[0.0, 0.0, 3.0]]]]));
/// assert_eq!(y.sample(0), [3.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GlobalAvgPool;

impl GlobalAvgPool {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    fn scale<E: Element>(positions: usize) -> E {
        E::one() / E::from_f64(positions as f64)
    }
}

impl<I: Grid<Point: Known>> Layer<I> for GlobalAvgPool {
    type Output = <I::Point as Known>::Shape;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        rows::sums(Level::best(), I::POSITIONS, Self::scale(I::POSITIONS), pass.x, pass.y);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let scale: E = Self::scale(I::POSITIONS);
        for (dx, &mut dy) in dx.chunks_exact_mut(I::POSITIONS).zip(pass.dy) {
            dx.fill(scale * dy);
        }
    }
}

/// The largest value of each channel: y(c) = max over (i, j) of x(c, i, j).
///
/// NaN propagates. Of equal values the first, row by row, gets the gradient.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, 1, 1>`, `Sequence<C, L>` → `Sequence<C, 1>`
///
/// PyTorch: `nn.AdaptiveMaxPool2d(1)`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::dsl::global_maxpool;
///
/// let model = Model::new(global_maxpool.on::<Sequence<2, 3>>(), 0);
/// let y = model.forward(&Batch::from([[[1.0, 2.0, 6.0], [0.0, -1.0, -3.0]]]));
/// assert_eq!(y.sample(0), [6.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GlobalMaxPool;

impl GlobalMaxPool {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<I: Grid<Point: Known>> Layer<I> for GlobalMaxPool {
    type Output = <I::Point as Known>::Shape;

    const SCRATCH: Space = Space::NONE.and_per_sample(I::CHANNELS);
    const INFERENCE: Space = Space::NONE;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        rows::maxima(Level::best(), I::POSITIONS, pass.x, pass.y);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let maxima = &mut pass.scratch[..pass.dy.len()];
        rows::maxima(Level::best(), I::POSITIONS, pass.x, maxima);
        dx.fill(E::zero());
        let first = rows::first_maxima(pass.x, maxima);
        for ((dx, &mut dy), pixel) in dx.chunks_exact_mut(I::POSITIONS).zip(pass.dy).zip(first) {
            dx[pixel] = dy;
        }
    }
}
