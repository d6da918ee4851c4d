//! Two-dimensional convolution.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward, conv2d_backward_input};
use crate::kernels::direct::Direct;
use crate::kernels::simd::{Level, Processor};
use crate::kernels::window::Window2d;
use crate::kernels::winograd::Winograd;
use crate::layer::{Backward, Direction, Fold, Folding, Forward, Layer, Prepared, Space};
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

impl<I, const O: usize, K, S, P, D, G, B> Conv2d<I, O, K, S, P, D, G, B> {
    const fn geometry<const C: usize, const H: usize, const W: usize>() -> Conv2dGeometry
    where
        P: Window<H, W, K, S, D>,
        G: Grouping<C>,
    {
        Conv2dGeometry { window: Window2d { channels: C, ..P::WINDOW }, filters: O, groups: G::GROUPS }
    }

    /// The fastest way.
    const fn path<const C: usize, const H: usize, const W: usize>() -> Path
    where
        P: Window<H, W, K, S, D>,
        G: Grouping<C>,
    {
        Path::of(&Self::geometry::<C, H, W>())
    }
}

/// How a convolution is calculated.
///
/// Where one of them is chosen, a constant guards its kernels, so that a program holds none that its networks do not use.
///
/// | convolution | path | reason |
/// | --- | --- | --- |
/// | 3×3, stride 1, no dilation, no groups, from 16 channels and filters on, more than 8 tiles of 2×2 | Winograd | 16 products instead of 36: 1.2–2 times as fast as direct, 1.3–4 times as columns |
/// | stride 1, no dilation, no groups, more than 8 columns | direct | 110–240 against 50–135 GFLOP/s with AVX-512 |
/// | the same with a stride | direct | 150–240 against 45–120 |
/// | rows that do not fill registers, and enough filters, with a stride of 1 or 2 | direct, lanes along the filters | 220–245 GFLOP/s where lanes along the positions reach 110–190 |
/// | else an output of at most 8 columns | columns | lanes beyond the row are calculated for nothing |
/// | dilation, groups, padding of a whole kernel on any side | columns | the general path |
enum Path {
    Winograd(Winograd),
    Direct(Direct),
    Columns,
}

impl Path {
    const fn of(geometry: &Conv2dGeometry) -> Self {
        if let Some(winograd) = Winograd::where_faster(geometry) {
            Self::Winograd(winograd)
        } else if let Some(direct) = Direct::where_faster(geometry) {
            Self::Direct(direct)
        } else {
            Self::Columns
        }
    }

    const fn scratch_len(&self, geometry: &Conv2dGeometry) -> usize {
        match self {
            Self::Winograd(winograd) => winograd.scratch_len(),
            Self::Direct(direct) if direct.has_input_gradient() => direct.scratch_len(),
            Self::Direct(direct) => larger(direct.scratch_len(), geometry.scratch_len()),
            Self::Columns => geometry.scratch_len(),
        }
    }

    /// Of the values of scratch those of a forward pass. Threads that divide its filters share the room of a Winograd
    /// convolution, which is left as large as the backward pass makes it.
    const fn forward_len(&self, geometry: &Conv2dGeometry) -> usize {
        match self {
            Self::Winograd(winograd) => winograd.scratch_len(),
            Self::Direct(direct) => direct.forward_len(),
            Self::Columns => geometry.scratch_len(),
        }
    }

    const fn prepared(&self) -> Prepared {
        match self {
            Self::Winograd(winograd) => winograd.packed(),
            Self::Direct(direct) => direct.packed(),
            Self::Columns => Prepared::NONE,
        }
    }

    const fn is_winograd(&self) -> bool {
        matches!(self, Self::Winograd(_))
    }

    const fn is_direct(&self) -> bool {
        matches!(self, Self::Direct(_))
    }

    const fn is_along_filters(&self) -> bool {
        matches!(self, Self::Direct(direct) if direct.is_along_filters())
    }
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
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
    type Output = <P::Output as MakeImage<O>>::Image;

    const PARAMS: usize = Self::geometry::<C, H, W>().weight_len() + B::TERMS * O;
    const SLOTS: Slots = {
        let geometry = Self::geometry::<C, H, W>();
        let [rows, columns] = geometry.window.kernel;
        Slots::weight_and_bias(&[O, geometry.group_channels(), rows, columns], B::TERMS * O)
    };
    const SCRATCH: Space = Space::fixed(Self::path::<C, H, W>().scratch_len(&Self::geometry::<C, H, W>()));
    const INFERENCE: Space = Space::fixed(Self::path::<C, H, W>().forward_len(&Self::geometry::<C, H, W>()));
    const PREPARED: Prepared = Self::path::<C, H, W>().prepared();
    const MACS: usize = Self::geometry::<C, H, W>().macs();
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);

    fn prepare<E: Element>(&self, direction: Direction, parameters: &[E], _state: &[E], prepared: &mut [E]) {
        let weight = &parameters[..const { Self::geometry::<C, H, W>().weight_len() }];
        match const { Self::path::<C, H, W>() } {
            Path::Winograd(winograd) => winograd.pack(Level::best(), direction, weight, prepared),
            Path::Direct(direct) => direct.pack(Level::best(), direction, weight, prepared),
            Path::Columns => {}
        }
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let geometry = const { &Self::geometry::<C, H, W>() };
        let (weight, bias) = pass.weight_and_bias(geometry.weight_len());
        let (processor, packed) = (Processor::best(pass.run.threads), (pass.prepared, bias));
        match const { Self::path::<C, H, W>() } {
            Path::Winograd(winograd) if const { Self::path::<C, H, W>().is_winograd() } => {
                winograd.forward(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
            }
            Path::Direct(direct) if const { Self::path::<C, H, W>().is_direct() } => {
                if const { Self::path::<C, H, W>().is_along_filters() } {
                    direct.forward::<E, true>(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
                } else {
                    direct.forward::<E, false>(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
                }
            }
            _ => {
                let outputs = pass.y.chunks_exact_mut(geometry.output_len());
                for (x, y) in pass.x.chunks_exact(geometry.window.input_len()).zip(outputs) {
                    conv2d(geometry, weight, bias, x, y, pass.epilogue, pass.scratch);
                }
            }
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let geometry = const { &Self::geometry::<C, H, W>() };
        let (weight, _) = pass.parameters.split_at(geometry.weight_len());
        let (d_weight, d_bias) = pass.gradients.split_at_mut(geometry.weight_len());
        let processor = Processor::best(pass.run.threads);
        match const { Self::path::<C, H, W>() } {
            Path::Winograd(winograd) if const { Self::path::<C, H, W>().is_winograd() } => {
                let gradients = (d_weight, d_bias);
                winograd.backward(processor, pass.prepared, pass.x, pass.dy, pass.dx, gradients, pass.scratch);
            }
            Path::Direct(direct) if const { Self::path::<C, H, W>().is_direct() } => {
                let gradients = (d_weight, d_bias);
                let (dx, dx_by_columns) = if direct.has_input_gradient() { (pass.dx, None) } else { (None, pass.dx) };
                if const { Self::path::<C, H, W>().is_along_filters() } {
                    direct.backward::<E, true>(processor, pass.prepared, pass.x, pass.dy, dx, gradients, pass.scratch);
                } else {
                    direct.backward::<E, false>(processor, pass.prepared, pass.x, pass.dy, dx, gradients, pass.scratch);
                }
                let Some(dx) = dx_by_columns else { return };
                let samples = dx.chunks_exact_mut(geometry.window.input_len());
                for (dx, dy) in samples.zip(pass.dy.chunks_exact(geometry.output_len())) {
                    conv2d_backward_input(geometry, weight, dy, dx, pass.scratch);
                }
            }
            _ => {
                let inputs = pass.x.chunks_exact(geometry.window.input_len());
                let outputs = pass.dy.chunks_exact(geometry.output_len());
                let mut input_gradients = pass.dx.map(|dx| dx.chunks_exact_mut(geometry.window.input_len()));
                for (x, dy) in inputs.zip(outputs) {
                    let dx = input_gradients.as_mut().and_then(Iterator::next);
                    conv2d_backward(geometry, weight, x, dy, dx, d_weight, d_bias, pass.scratch);
                }
            }
        }
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        folding.take_rows(const { Self::geometry::<C, H, W>().weight_len() });
    }
}
