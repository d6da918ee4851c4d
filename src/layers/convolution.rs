//! Convolutions whose sizes are constants, over images and over sequences: in which way each is calculated, and that way.

use core::marker::PhantomData;

use super::columns;
use crate::element::Element;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d_backward_input};
use crate::kernels::direct::Direct;
use crate::kernels::simd::{Level, Processor};
use crate::kernels::winograd::Winograd;
use crate::layer::{Backward, Forward, Preparation, Prepared, Space};

/// The layer `L` on the shape `S`.
pub(super) struct At<L, S>(PhantomData<(L, S)>);

/// A convolution of constant sizes.
pub(super) trait Convolution {
    const GEOMETRY: Conv2dGeometry;
    /// The fastest way.
    const PATH: Path = Path::of(&Self::GEOMETRY);
    /// What any direction needs.
    const SCRATCH: Space = Space::fixed(Self::PATH.scratch_len(&Self::GEOMETRY));
    /// What the forward pass needs.
    const INFERENCE: Space = Space::fixed(Self::PATH.forward_len(&Self::GEOMETRY));
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
#[derive(Clone, Copy)]
pub(super) enum Path {
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

    pub(super) const fn prepared(&self) -> Prepared {
        match self {
            Self::Winograd(winograd) => winograd.packed(),
            Self::Direct(direct) => direct.packed(),
            Self::Columns => Prepared::NONE,
        }
    }

    /// Whether it can read and write interleaved channels.
    pub(super) const fn interleaves(&self) -> [bool; 2] {
        [matches!(self, Self::Direct(direct) if direct.is_pointwise()); 2]
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

/// Makes of the weights what the kernels read.
pub(super) fn prepare<C: Convolution, E: Element>(preparation: Preparation<'_, E>) {
    let Preparation { direction, layouts, parameters, prepared, .. } = preparation;
    let weight = &parameters[..const { C::GEOMETRY.weight_len() }];
    match const { C::PATH } {
        Path::Winograd(winograd) => winograd.pack(Level::best(), direction, weight, prepared),
        Path::Direct(direct) => direct.laid_out(layouts).pack(Level::best(), direction, weight, prepared),
        Path::Columns => {}
    }
}

/// y = epilogue(weight ∗ x + bias) for each sample.
pub(super) fn forward<C: Convolution, E: Element>(pass: Forward<'_, E>) {
    let geometry = const { &C::GEOMETRY };
    let (_, bias) = pass.weight_and_bias(geometry.weight_len());
    let (processor, packed) = (Processor::best(pass.run.threads), (pass.prepared, bias));
    match const { C::PATH } {
        Path::Winograd(winograd) if const { C::PATH.is_winograd() } => {
            winograd.forward(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
        }
        Path::Direct(direct) if const { C::PATH.is_direct() } => {
            let direct = direct.laid_out(pass.layouts);
            if const { C::PATH.is_along_filters() || C::PATH.interleaves()[0] } {
                direct.forward::<E, true>(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
            } else {
                direct.forward::<E, false>(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
            }
        }
        _ => columns::forward(geometry, pass),
    }
}

/// The gradients of the same.
pub(super) fn backward<C: Convolution, E: Element>(pass: Backward<'_, E>) {
    let geometry = const { &C::GEOMETRY };
    let (weight, _) = pass.parameters.split_at(geometry.weight_len());
    let processor = Processor::best(pass.run.threads);
    match const { C::PATH } {
        Path::Winograd(winograd) if const { C::PATH.is_winograd() } => {
            let gradients = pass.gradients.split_at_mut(geometry.weight_len());
            winograd.backward(processor, pass.prepared, pass.x, pass.dy, pass.dx, gradients, pass.scratch);
        }
        Path::Direct(direct) if const { C::PATH.is_direct() } => {
            let gradients = pass.gradients.split_at_mut(geometry.weight_len());
            let (dx, dx_by_columns) = if direct.has_input_gradient() { (pass.dx, None) } else { (None, pass.dx) };
            if const { C::PATH.is_along_filters() } {
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
        _ => columns::backward(geometry, pass),
    }
}
