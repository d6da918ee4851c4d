//! Transposed convolution in two dimensions.

use core::marker::PhantomData;

use crate::element::Element;
use crate::init::Init;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward, conv2d_backward_input};
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer, Space};
use crate::layers::terms::{Bias, BiasTerm, Takes};
use crate::outline::Parameter;
use crate::shape::transposed::{OutputPad, Transposed};
use crate::shape::window::{Dilation, Grouping, Groups, Pad, Stride};
use crate::shape::{Image, MakeImage, Shape};

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
    G = Groups<1>,
    B = Bias,
>(PhantomData<(I, K, S, P, OP, D, G, B)>);

impl<I, const O: usize, K, S, P, OP, D, G, B> ConvTranspose2d<I, O, K, S, P, OP, D, G, B> {
    /// The convolution of which it is the transpose: from its output to its input.
    const fn geometry<const C: usize, const H: usize, const W: usize>() -> Conv2dGeometry
    where
        OP: Transposed<H, W, K, S, P, D>,
        G: Grouping<O>,
    {
        Conv2dGeometry { window: Window2d { channels: O, ..OP::WINDOW }, filters: C, groups: G::GROUPS }
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
    type Output = <OP::Output as MakeImage<O>>::Image;

    const PARAMS: usize = Self::geometry::<C, H, W>().weight_len() + B::TERMS * O;
    const SCRATCH: Space = Space::fixed(Self::geometry::<C, H, W>().scratch_len());
    const MACS: usize = Self::geometry::<C, H, W>().macs();
    const TAIL: bool = true;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        forward(const { &Self::geometry::<C, H, W>() }, pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        backward(const { &Self::geometry::<C, H, W>() }, pass);
    }

    fn parameters(&self) -> Vec<Parameter> {
        let Conv2dGeometry { window, filters, .. } = Self::geometry::<C, H, W>();
        let [rows, columns] = window.kernel;
        let dims = vec![filters, O / <G as Grouping<O>>::GROUPS, rows, columns];
        B::with_bias(Parameter { name: "weight", dims, init: Init::HeNormal }, O)
    }
}

/// y = epilogue(weightᵀ ∗ x + bias), sample by sample; `geometry` is that of the convolution from y to x.
#[allow(clippy::needless_pass_by_value)] // as Layer::forward hands it over
pub(super) fn forward<E: Element>(geometry: &Conv2dGeometry, pass: Forward<'_, E>) {
    let (weight, bias) = pass.parameters.split_at(geometry.weight_len());
    let inputs = pass.x.chunks_exact(geometry.output_len());
    for (x, y) in inputs.zip(pass.y.chunks_exact_mut(geometry.window.input_len())) {
        conv2d_backward_input(geometry, weight, x, y, pass.scratch);
        for (&bias, y) in bias.iter().zip(y.chunks_exact_mut(geometry.window.pixels())) {
            for y in y {
                *y += bias;
            }
        }
    }
    pass.epilogue.apply(pass.y);
}

/// The gradients of the same, sample by sample.
pub(super) fn backward<E: Element>(geometry: &Conv2dGeometry, mut pass: Backward<'_, E>) {
    let (weight, _) = pass.parameters.split_at(geometry.weight_len());
    let (d_weight, d_bias) = pass.gradients.split_at_mut(geometry.weight_len());
    let inputs = pass.x.chunks_exact(geometry.output_len());
    let mut input_gradients = pass.dx.as_deref_mut().map(|dx| dx.chunks_exact_mut(geometry.output_len()));
    for (x, dy) in inputs.zip(pass.dy.chunks_exact(geometry.window.input_len())) {
        conv2d_backward(geometry, weight, dy, x, None, d_weight, &mut [], pass.scratch);
        for (d_bias, dy) in d_bias.iter_mut().zip(dy.chunks_exact(geometry.window.pixels())) {
            *d_bias += dy.iter().copied().sum();
        }
        if let Some(dx) = input_gradients.as_mut().and_then(Iterator::next) {
            conv2d(geometry, weight, &[], dy, dx, crate::Activation::Identity, pass.scratch);
        }
    }
}
