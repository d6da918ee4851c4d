//! Every so many rows and columns: the shortcut without parameters.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer};
use crate::layers::terms::{Arriving, In};
use crate::shape::grid::Slides;
use crate::shape::rules::{Broadens, Verdict};
use crate::shape::size::{Dim, N, Sizes};
use crate::shape::window::{Dilation, Kernel, Pad};
use crate::shape::{Image, Sequence, Shape};

/// Every `S`-th row and column, from the first on: y(c, i, j) = x(c, i·S, j·S). With `F` = `In<32>`, channels of zeros
/// follow up to 32.
///
/// It is the shortcut without parameters (option A) around the strided blocks of the CIFAR networks in He et al., *Deep
/// Residual Learning for Image Recognition*, 2015.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<F, ⌈H/S⌉, ⌈W/S⌉>`, `Sequence<C, L>` → `Sequence<F, ⌈L/S⌉>`; with `F` = `Arriving`, `C`
/// channels.
///
/// PyTorch: `F.pad(x[:, :, ::S, ::S], (0, 0, 0, 0, 0, F - C))`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{In, Stride, Subsample};
///
/// let shortcut = Subsample::<Stride<2, 2>, In<2>>::new();
/// let model = Model::new(shortcut.on::<Image<1, 2, 3>>(), 0);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]));
/// assert_eq!(y.sample(0), [1.0, 3.0, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Subsample<S, F = Arriving>(PhantomData<(S, F)>);

impl<S, F> Subsample<S, F> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A grid with as many channels as `F` says, or as it has.
pub trait Broadened<F>: Shape {
    /// The grid with these channels.
    type Output: Shape;
}

impl<const C: usize, const H: usize, const W: usize> Broadened<Arriving> for Image<C, H, W>
where
    Self: Shape,
{
    type Output = Self;
}

impl<const C: usize, const L: usize> Broadened<Arriving> for Sequence<C, L>
where
    Self: Shape,
{
    type Output = Self;
}

impl<const C: usize, const H: usize, const W: usize, const F: usize> Broadened<In<F>> for Image<C, H, W>
where
    Self: Shape,
    Image<F, H, W>: Shape,
    Sizes: AtLeast<F, C>,
{
    type Output = Image<F, H, W>;
}

impl<const C: usize, const L: usize, const F: usize> Broadened<In<F>> for Sequence<C, L>
where
    Self: Shape,
    Sequence<F, L>: Shape,
    Sizes: AtLeast<F, C>,
{
    type Output = Sequence<F, L>;
}

/// `Sizes: AtLeast<F, C>` holds if `F` channels are at least `C`.
pub trait AtLeast<const F: usize, const C: usize> {}

impl<const F: usize, const C: usize> AtLeast<F, C> for Sizes
where
    Self: Dim<F> + Dim<C>,
    N<F>: typenum::IsGreaterOrEqual<N<C>>,
    typenum::GrEq<N<F>, N<C>>: Verdict,
    <typenum::GrEq<N<F>, N<C>> as Verdict>::Is: Broadens<C, F>,
{
}

impl<I, S, F> Layer<I> for Subsample<S, F>
where
    Self: Clone + Send + Sync,
    I: Slides<Kernel<1, 1>, S, Pad<0, 0>, Dilation<1, 1>, Output: Broadened<F>>,
{
    type Output = <I::Output as Broadened<F>>::Output;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let window: &Window2d = const { &I::WINDOW };
        for (x, y) in pass.x.chunks_exact(I::LEN).zip(pass.y.chunks_exact_mut(Self::Output::LEN)) {
            let (y, appended) = y.split_at_mut(I::Output::LEN);
            appended.fill(E::zero());
            for (x, y) in x.chunks_exact(window.pixels()).zip(y.chunks_exact_mut(window.positions())) {
                let rows = x.chunks_exact(window.input[1]).step_by(window.stride[0]);
                for (x, y) in rows.zip(y.chunks_exact_mut(window.output[1])) {
                    for (y, &x) in y.iter_mut().zip(x.iter().step_by(window.stride[1])) {
                        *y = x;
                    }
                }
            }
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let window: &Window2d = const { &I::WINDOW };
        dx.fill(E::zero());
        for (dx, dy) in dx.chunks_exact_mut(I::LEN).zip(pass.dy.chunks_exact(Self::Output::LEN)) {
            for (dx, dy) in dx.chunks_exact_mut(window.pixels()).zip(dy.chunks_exact(window.positions())) {
                let rows = dx.chunks_exact_mut(window.input[1]).step_by(window.stride[0]);
                for (dx, dy) in rows.zip(dy.chunks_exact(window.output[1])) {
                    for (dx, &dy) in dx.iter_mut().step_by(window.stride[1]).zip(dy) {
                        *dx = dy;
                    }
                }
            }
        }
    }
}
