//! Transposed convolution in two dimensions.

use core::marker::PhantomData;

use crate::element::Element;
use crate::init::Init;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward, conv2d_backward_input};
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Forward, Layer, Space};
use crate::layers::terms::{Bias, BiasTerm, Takes};
use crate::outline::Parameter;
use crate::shape::size::{Size, Sizes};
use crate::shape::transposed::{OutputPad, Spread};
use crate::shape::window::{Dilation, Grouping, Groups, Kernel, Pad, Positive, Stride};
use crate::shape::{Image, MakeImage, Shape};

/// The transpose of a convolution: each input value adds its multiple of every filter to the output, where it lies:
/// y(o, i·S + p·D − P, j·S + q·D − P) += w(c, o, p, q) · x(c, i, j), over a bias b(o).
///
/// It is the gradient of [`Conv2d`](crate::Conv2d) by its input, and enlarges an image by its stride.
///
/// # Shapes
///
/// `Image<I, H, W>` → `Image<O, H′, W′>` with H′ = (H − 1)·S − 2P + D(K − 1) + OP + 1.
/// Parameters: `weight` (I, O/G, KH, KW) and `bias` (O).
///
/// PyTorch: `nn.ConvTranspose2d(I, O, K, S, P, OP, G, bias, D)`; Zeiler et al., 2010.
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

impl<
    const C: usize,
    const H: usize,
    const W: usize,
    I,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const PH: usize,
    const PW: usize,
    const MORE_H: usize,
    const MORE_W: usize,
    const DH: usize,
    const DW: usize,
    G,
    B,
> Layer<Image<C, H, W>>
    for ConvTranspose2d<
        I,
        O,
        Kernel<KH, KW>,
        Stride<SH, SW>,
        Pad<PH, PW>,
        OutputPad<MORE_H, MORE_W>,
        Dilation<DH, DW>,
        G,
        B,
    >
where
    Image<C, H, W>: Shape,
    Self: Clone + Send + Sync,
    I: Takes<C>,
    Kernel<KH, KW>: Positive,
    Stride<SH, SW>: Positive,
    Dilation<DH, DW>: Positive,
    Sizes: Spread<H, KH, SH, PH, DH, MORE_H> + Spread<W, KW, SW, PW, DW, MORE_W>,
    (<Sizes as Spread<H, KH, SH, PH, DH, MORE_H>>::Output, <Sizes as Spread<W, KW, SW, PW, DW, MORE_W>>::Output):
        MakeImage<O>,
    G: Grouping<C> + Grouping<O>,
    B: BiasTerm,
{
    type Output = <(
        <Sizes as Spread<H, KH, SH, PH, DH, MORE_H>>::Output,
        <Sizes as Spread<W, KW, SW, PW, DW, MORE_W>>::Output,
    ) as MakeImage<O>>::Image;

    const PARAMS: usize = C * (O / <G as Grouping<O>>::GROUPS) * KH * KW + B::TERMS * O;
    const SCRATCH: Space = Space::fixed(Transposed::<Self, C, H, W>::GEOMETRY.scratch_len());
    const MACS: usize = C * (O / <G as Grouping<O>>::GROUPS) * KH * KW * H * W;
    const TAIL: bool = true;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let geometry = const { &Transposed::<Self, C, H, W>::GEOMETRY };
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

    fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let geometry = const { &Transposed::<Self, C, H, W>::GEOMETRY };
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

    fn parameters(&self) -> Vec<Parameter> {
        let dims = vec![C, O / <G as Grouping<O>>::GROUPS, KH, KW];
        B::with_bias(Parameter { name: "weight", dims, init: Init::HeNormal }, O)
    }
}

/// The convolution whose transpose `L` is: from the larger image to the smaller.
struct Transposed<L, const C: usize, const H: usize, const W: usize>(PhantomData<L>);

impl<
    const C: usize,
    const H: usize,
    const W: usize,
    I,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const PH: usize,
    const PW: usize,
    const MORE_H: usize,
    const MORE_W: usize,
    const DH: usize,
    const DW: usize,
    G: Grouping<O>,
    B,
>
    Transposed<
        ConvTranspose2d<
            I,
            O,
            Kernel<KH, KW>,
            Stride<SH, SW>,
            Pad<PH, PW>,
            OutputPad<MORE_H, MORE_W>,
            Dilation<DH, DW>,
            G,
            B,
        >,
        C,
        H,
        W,
    >
where
    Sizes: Spread<H, KH, SH, PH, DH, MORE_H> + Spread<W, KW, SW, PW, DW, MORE_W>,
{
    const GEOMETRY: Conv2dGeometry = Conv2dGeometry {
        window: Window2d {
            channels: O,
            input: [
                <<Sizes as Spread<H, KH, SH, PH, DH, MORE_H>>::Output as Size>::SIZE,
                <<Sizes as Spread<W, KW, SW, PW, DW, MORE_W>>::Output as Size>::SIZE,
            ],
            kernel: [KH, KW],
            stride: [SH, SW],
            padding: [PH, PW],
            dilation: [DH, DW],
            output: [H, W],
        },
        filters: C,
        groups: G::GROUPS,
    };
}
