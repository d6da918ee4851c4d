//! Transposed convolution in two dimensions.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Fold, Folding, Forward, Layer, Preparation, Prepared, Space};
use crate::layers::terms::{Bias, BiasTerm, Takes};
use crate::layers::transposition::Transposition;
use crate::shape::transposed::{OutputPad, Transposed};
use crate::shape::window::{Dilation, Grouping, NoGroups, Pad, Stride};
use crate::shape::{Image, MakeImage, Shape};
use crate::slots::Slots;

/// The transpose of a convolution: each input value adds its multiple of every filter to the output, where it lies:
/// y(o, i·S + p·D − P, j·S + q·D − P) += w(c, o, p, q) · x(c, i, j), over a bias b(o).
///
/// It is the gradient of [`Conv2d`](crate::Conv2d) by its input, and enlarges an image or a sequence by its stride.
///
/// # Shapes
///
/// `Image<I, H, W>` → `Image<O, H′, W′>` with H′ = (H − 1)·S − 2P + D(K − 1) + OP + 1, where
/// [`PadSides`](crate::PadSides) may take away different numbers on opposite sides; likewise
/// `Sequence<I, L>` → `Sequence<O, L′>`, where both numbers of each pair must be the same.
/// Parameters: `weight` (I, O/G, KH, KW), of a sequence (I, O/G, K), and `bias` (O).
///
/// PyTorch: `nn.ConvTranspose2d(I, O, K, S, P, OP, G, bias, D)` and `nn.ConvTranspose1d` likewise; Zeiler et al., 2010.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Image<1, 1, 2> => conv_transpose(1=>1, k(1, 2), stride(1, 2), nobias)), 0);
/// model.param_mut("0.weight")?.values.copy_from_slice(&[1.0, 10.0]);
/// let y = model.forward(&Batch::from([[[[2.0, 3.0]]]]));
/// assert_eq!(y.sample(0), [2.0, 20.0, 3.0, 30.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[allow(clippy::type_complexity)] // as many as the operation has settings
#[derive(Clone, Copy, Debug, Default)]
pub struct ConvTranspose2d<
    I,
    const O: usize,
    K,
    S = Stride<1, 1>,
    P = Pad<0, 0>,
    OP = OutputPad<0, 0>,
    D = Dilation<1, 1>,
    G = NoGroups,
    B = Bias,
>(PhantomData<(I, K, S, P, OP, D, G, B)>);

impl<I, const O: usize, K, S, P, OP, D, G, B> ConvTranspose2d<I, O, K, S, P, OP, D, G, B> {
    /// The convolution of which it is the transpose: from its output to its input.
    const fn transposition<const C: usize, const H: usize, const W: usize>() -> Transposition
    where
        OP: Transposed<H, W, K, S, P, D>,
        G: Grouping<O>,
    {
        let window = Window2d { channels: O, ..OP::WINDOW };
        Transposition::of(Conv2dGeometry { window, filters: C, groups: G::GROUPS })
    }
}

impl<const C: usize, const H: usize, const W: usize, I, const O: usize, K, S, P, OP, D, G, B> Layer<Image<C, H, W>>
    for ConvTranspose2d<I, O, K, S, P, OP, D, G, B>
where
    Image<C, H, W>: Shape,
    Self: Clone + Send + Sync,
    I: Takes<C>,
    OP: Transposed<H, W, K, S, P, D>,
    OP::Output: MakeImage<O>,
    G: Grouping<C> + Grouping<O>,
    B: BiasTerm,
{
    type Output = I::Then<<OP::Output as MakeImage<O>>::Image>;

    const PARAMS: usize = Self::transposition::<C, H, W>().geometry.weight_len() + B::TERMS * O;
    const SLOTS: Slots = {
        let [rows, columns] = Self::transposition::<C, H, W>().geometry.window.kernel;
        Slots::weight_and_bias(&[C, O / <G as Grouping<O>>::GROUPS, rows, columns], B::TERMS * O)
    };
    const SCRATCH: Space = Self::transposition::<C, H, W>().scratch();
    const INFERENCE: Space = Self::transposition::<C, H, W>().inference();
    const PREPARED: Prepared = Self::transposition::<C, H, W>().prepared();
    const MACS: usize = Self::transposition::<C, H, W>().geometry.macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        const { Self::transposition::<C, H, W>() }.prepare(preparation);
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        const { Self::transposition::<C, H, W>() }.forward(pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        const { Self::transposition::<C, H, W>() }.backward(pass);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        const { Self::transposition::<C, H, W>() }.fold(folding);
    }
}
