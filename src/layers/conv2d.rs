//! Two-dimensional convolution.

use core::marker::PhantomData;

use crate::element::Element;
use crate::init::Init;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward, conv2d_backward_input};
use crate::kernels::direct::Direct;
use crate::kernels::simd::{Level, Processor};
use crate::kernels::window::Window2d;
use crate::layer::{Backward, Direction, Forward, Layer, Prepared, Space};
use crate::layers::terms::{Bias, BiasTerm, Takes};
use crate::outline::Parameter;
use crate::shape::window::{Dilation, Grouping, Groups, Pad, Stride, Window};
use crate::shape::{Image, MakeImage, Shape};

/// `O` filters over an image: y(o, i, j) = b(o) + Σ over (c, p, q) of w(o, c, p, q) · x(c, i·S + p·D − P, j·S + q·D − P).
///
/// A cross-correlation, as everywhere in the field. The type says all sizes; `net!` and [`conv!`](crate::dsl::conv)
/// write it.
///
/// # Shapes
///
/// `Image<I, H, W>` → `Image<O, H′, W′>` with H′ = (H + 2P − D(K−1) − 1)/S + 1, rounded down.
/// Parameters: `weight` (O, I/G, KH, KW) and `bias` (O).
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
pub struct Conv2d<I, const O: usize, K, S = Stride<1, 1>, P = Pad<0, 0>, D = Dilation<1, 1>, G = Groups<1>, B = Bias>(
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

    /// The direct convolution, where it is the faster way.
    const fn direct<const C: usize, const H: usize, const W: usize>() -> Option<Direct>
    where
        P: Window<H, W, K, S, D>,
        G: Grouping<C>,
    {
        Direct::where_faster(&Self::geometry::<C, H, W>())
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
    const SCRATCH: Space = Space::fixed(match Self::direct::<C, H, W>() {
        Some(direct) if direct.has_input_gradient() => direct.scratch_len(),
        Some(direct) => larger(direct.scratch_len(), Self::geometry::<C, H, W>().scratch_len()),
        None => Self::geometry::<C, H, W>().scratch_len(),
    });
    const PREPARED: Prepared = match Self::direct::<C, H, W>() {
        Some(direct) => direct.packed(),
        None => Prepared::NONE,
    };
    const MACS: usize = Self::geometry::<C, H, W>().macs();
    const TAIL: bool = true;

    fn prepare<E: Element>(&self, direction: Direction, parameters: &[E], prepared: &mut [E]) {
        if let Some(direct) = const { Self::direct::<C, H, W>() } {
            let weight = &parameters[..const { Self::geometry::<C, H, W>().weight_len() }];
            direct.pack(Level::best(), direction, weight, prepared);
        }
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let geometry = const { &Self::geometry::<C, H, W>() };
        let (weight, bias) = pass.parameters.split_at(geometry.weight_len());
        if let Some(direct) = const { Self::direct::<C, H, W>() } {
            let processor = Processor::best(pass.run.threads);
            return direct.forward(processor, (pass.prepared, bias), pass.x, pass.y, pass.epilogue, pass.scratch);
        }
        let outputs = pass.y.chunks_exact_mut(geometry.output_len());
        for (x, y) in pass.x.chunks_exact(geometry.window.input_len()).zip(outputs) {
            conv2d(geometry, weight, bias, x, y, pass.epilogue, pass.scratch);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let geometry = const { &Self::geometry::<C, H, W>() };
        let (weight, _) = pass.parameters.split_at(geometry.weight_len());
        let (d_weight, d_bias) = pass.gradients.split_at_mut(geometry.weight_len());
        if let Some(direct) = const { Self::direct::<C, H, W>() } {
            let (processor, gradients) = (Processor::best(pass.run.threads), (d_weight, d_bias));
            let (dx, dx_by_columns) = if direct.has_input_gradient() { (pass.dx, None) } else { (None, pass.dx) };
            direct.backward(processor, pass.prepared, pass.x, pass.dy, dx, gradients, pass.scratch);
            let Some(dx) = dx_by_columns else { return };
            let samples = dx.chunks_exact_mut(geometry.window.input_len());
            for (dx, dy) in samples.zip(pass.dy.chunks_exact(geometry.output_len())) {
                conv2d_backward_input(geometry, weight, dy, dx, pass.scratch);
            }
            return;
        }
        let inputs = pass.x.chunks_exact(geometry.window.input_len());
        let outputs = pass.dy.chunks_exact(geometry.output_len());
        let mut input_gradients = pass.dx.map(|dx| dx.chunks_exact_mut(geometry.window.input_len()));
        for (x, dy) in inputs.zip(outputs) {
            let dx = input_gradients.as_mut().and_then(Iterator::next);
            conv2d_backward(geometry, weight, x, dy, dx, d_weight, d_bias, pass.scratch);
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let Conv2dGeometry { window, filters, groups } = Self::geometry::<C, H, W>();
        let [rows, columns] = window.kernel;
        let dims = vec![filters, window.channels / groups, rows, columns];
        B::with_bias(Parameter { name: "weight", dims, init: Init::HeNormal }, filters)
    }
}
