//! Convolution of each channel by itself.

use core::marker::PhantomData;

use super::columns;
use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::depthwise::Depthwise;
use crate::kernels::simd::Level;
use crate::layer::{Backward, Fold, Folding, Forward, Layer, Space};
use crate::layers::terms::{Bias, BiasTerm};
use crate::shape::grid::Slides;
use crate::shape::window::{Dilation, Pad, Stride};
use crate::slots::Slots;

/// One filter for each channel: y(c, i, j) = b(c) + Σ over (p, q) of w(c, p, q) · x(c, i·S + p·D − P, j·S + q·D − P).
///
/// # Shapes
///
/// `Image<C, H, W>` → `Image<C, H′, W′>` with H′ = (H + 2P − D(K−1) − 1)/S + 1, rounded down; likewise
/// `Sequence<C, L>` → `Sequence<C, L′>`, where both numbers of each pair must be the same.
/// Parameters: `weight` (C, 1, KH, KW), of a sequence (C, 1, K), and `bias` (C).
///
/// PyTorch: `nn.Conv2d(C, C, K, S, P, D, groups=C)` and `nn.Conv1d` likewise; Chollet, 2017,
/// <https://arxiv.org/abs/1610.02357>.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{DepthwiseConv2d, Kernel};
///
/// let mut model = Model::new(DepthwiseConv2d::<Kernel<1, 2>>::new().on::<Image<2, 1, 3>>(), 0);
/// model.param_mut("0.weight")?.values.copy_from_slice(&[1.0, 1.0, -1.0, 1.0]);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 3.0]], [[1.0, 4.0, 9.0]]]]));
/// assert_eq!(y.sample(0), [3.0, 5.0, 3.0, 5.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct DepthwiseConv2d<K, S = Stride<1, 1>, P = Pad<0, 0>, D = Dilation<1, 1>, B = Bias>(
    PhantomData<(K, S, P, D, B)>,
);

impl<K, S, P, D, B> DepthwiseConv2d<K, S, P, D, B> {
    /// The layer; its type says everything.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    const fn geometry<I: Slides<K, S, P, D>>() -> Conv2dGeometry {
        let window = I::WINDOW;
        Conv2dGeometry { filters: window.channels, groups: window.channels, window }
    }
}

impl<I: Slides<K, S, P, D>, K, S, P, D, B> Layer<I> for DepthwiseConv2d<K, S, P, D, B>
where
    Self: Clone + Send + Sync,
    B: BiasTerm,
{
    type Output = I::Output;

    const PARAMS: usize = Self::geometry::<I>().weight_len() + B::TERMS * I::WINDOW.channels;
    const SLOTS: Slots = {
        let (channels, [rows, columns]) = (I::WINDOW.channels, I::WINDOW.kernel);
        let dims: &[usize] = if I::DIMS.len() == 2 { &[channels, 1, columns] } else { &[channels, 1, rows, columns] };
        Slots::weight_and_bias(dims, B::TERMS * channels)
    };
    const SCRATCH: Space = Space::fixed(match Depthwise::new(&I::WINDOW) {
        Some(depthwise) => depthwise.scratch_len(),
        None => Self::geometry::<I>().scratch_len(),
    });
    const INFERENCE: Space = Space::fixed(match Depthwise::new(&I::WINDOW) {
        Some(depthwise) => depthwise.forward_len(),
        None => Self::geometry::<I>().scratch_len(),
    });
    const MACS: usize = Self::geometry::<I>().macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);
    const INTERLEAVES: [bool; 2] = [Depthwise::new(&I::WINDOW).is_some(); 2];

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let Some(depthwise) = (const { Depthwise::new(&I::WINDOW) }) else {
            return columns::forward(const { &Self::geometry::<I>() }, pass);
        };
        let parameters = pass.weight_and_bias(const { Self::geometry::<I>().weight_len() });
        depthwise.laid_out(pass.layouts).forward(
            Level::best(),
            parameters,
            pass.x,
            pass.y,
            pass.epilogue,
            pass.scratch,
        );
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(depthwise) = (const { Depthwise::new(&I::WINDOW) }) else {
            return columns::backward(const { &Self::geometry::<I>() }, pass);
        };
        let (weight, _) = pass.parameters.split_at(const { Self::geometry::<I>().weight_len() });
        let gradients = pass.gradients.split_at_mut(weight.len());
        depthwise.backward(Level::best(), weight, pass.x, pass.dy, pass.dx, gradients, pass.scratch);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        folding.take_rows(const { Self::geometry::<I>().weight_len() });
    }
}
