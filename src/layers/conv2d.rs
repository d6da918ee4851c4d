//! Two-dimensional convolution.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Fold, Folding, Forward, Layer, Preparation, Prepared, Space};
use crate::layers::convolution::{self, At, Convolution};
use crate::layers::terms::{Bias, BiasTerm, Takes};
use crate::shape::window::{Dilation, Grouping, NoGroups, Pad, Stride, Window};
use crate::shape::{Image, MakeImage, Shape};
use crate::slots::Slots;

/// `O` filters over an image or a sequence: y(o, i, j) = b(o) + Σ over (c, p, q) of w(o, c, p, q) · x(g + c, i·S + p·D − P, j·S + q·D − P).
///
/// With `G` groups a filter sees the I/G channels of its own, from g = ⌊o·G/O⌋·I/G on; without, all of them (g = 0). A
/// cross-correlation, as everywhere in the field. The type says all sizes; `net!` and [`conv!`](crate::dsl::conv) write it.
///
/// # Shapes
///
/// `Image<I, H, W>` → `Image<O, H′, W′>` with H′ = (H + 2P − D(K−1) − 1)/S + 1, rounded down; likewise
/// `Sequence<I, L>` → `Sequence<O, L′>`, where both numbers of each pair must be the same.
/// Parameters: `weight` (O, I/G, KH, KW), of a sequence (O, I/G, K), and `bias` (O).
///
/// With [`PadSides`](crate::PadSides) in place of [`Pad`] the padding is another on each side, and 2P is what two opposite sides have
/// together. With [`Same`](crate::Same) H′ is ⌈H/S⌉, with a stride, too; an odd rest of the padding goes below and to the right, as in
/// TensorFlow.
///
/// PyTorch: `nn.Conv2d(I, O, K, S, P, D, G, bias)` and `nn.Conv1d` likewise, whose `padding="same"` takes a stride of 1 alone.
///
/// # Rounding
///
/// 3×3 convolutions of stride 1 with 16 channels and filters or more run by Winograd's F(2×2, 3×3) ([Lavin and Gray
/// 2016](https://arxiv.org/abs/1509.09308)). Outputs then come in tiles of 2×2, whose errors are relative to the largest
/// value in the 4×4 pixels that a tile sees: with 64 channels of numbers between −1 and 1 at most 9e-6 in `f32`, where adding up all
/// products in turn is off by 2.7e-5. An infinity or NaN among the 4×4 pixels can make NaN of all four outputs.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Image<1, 3, 3> => conv(1=>1, k2, nobias)), 0);
/// model.param_mut("0.weight")?.values.copy_from_slice(&[1.0, 0.0, 0.0, -1.0]);
/// let y = model.forward(&Batch::from([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]]]]));
/// assert_eq!(y.sample(0), [-4.0, -4.0, -4.0, -5.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Conv2d<I, const O: usize, K, S = Stride<1, 1>, P = Pad<0, 0>, D = Dilation<1, 1>, G = NoGroups, B = Bias>(
    PhantomData<(I, K, S, P, D, G, B)>,
);

impl<const C: usize, const H: usize, const W: usize, I, const O: usize, K, S, P, D, G, B> Convolution
    for At<Conv2d<I, O, K, S, P, D, G, B>, Image<C, H, W>>
where
    P: Window<H, W, K, S, D>,
    G: Grouping<C>,
{
    const GEOMETRY: Conv2dGeometry =
        Conv2dGeometry { window: Window2d { channels: C, ..P::WINDOW }, filters: O, groups: G::GROUPS };
}

impl<const C: usize, const H: usize, const W: usize, I, const O: usize, K, S, P, D, G, B> Layer<Image<C, H, W>>
    for Conv2d<I, O, K, S, P, D, G, B>
where
    Image<C, H, W>: Shape,
    Self: Clone + Send + Sync,
    I: Takes<C>,
    P: Window<H, W, K, S, D>,
    P::Output: MakeImage<O>,
    G: Grouping<C> + Grouping<O>,
    B: BiasTerm,
{
    type Output = I::Then<<P::Output as MakeImage<O>>::Image>;

    const PARAMS: usize = At::<Self, Image<C, H, W>>::GEOMETRY.weight_len() + B::TERMS * O;
    const SLOTS: Slots = {
        let geometry = At::<Self, Image<C, H, W>>::GEOMETRY;
        let [rows, columns] = geometry.window.kernel;
        Slots::weight_and_bias(&[O, geometry.group_channels(), rows, columns], B::TERMS * O)
    };
    const SCRATCH: Space = At::<Self, Image<C, H, W>>::SCRATCH;
    const INFERENCE: Space = At::<Self, Image<C, H, W>>::INFERENCE;
    const PREPARED: Prepared = At::<Self, Image<C, H, W>>::PATH.prepared();
    const MACS: usize = At::<Self, Image<C, H, W>>::GEOMETRY.macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);
    const INTERLEAVES: [bool; 2] = At::<Self, Image<C, H, W>>::PATH.interleaves();

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        convolution::prepare::<At<Self, Image<C, H, W>>, E>(preparation);
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        convolution::forward::<At<Self, Image<C, H, W>>, E>(pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        convolution::backward::<At<Self, Image<C, H, W>>, E>(pass);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        folding.take_rows(const { At::<Self, Image<C, H, W>>::GEOMETRY.weight_len() });
    }
}
