//! What transposed convolutions over images and over sequences have in common.

use crate::activation::Activation;
use crate::element::Element;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward, conv2d_backward_input};
use crate::kernels::direct::Direct;
use crate::kernels::rows;
use crate::kernels::simd::{Level, Processor};
use crate::layer::{Backward, Direction, Folding, Forward, Preparation, Prepared, Space};

/// A convolution that is run the other way round: from its output, x, to its input, y.
#[derive(Clone, Copy)]
pub(super) struct Transposition {
    /// The convolution from y to x.
    pub(super) geometry: Conv2dGeometry,
    /// It in registers, where that is faster than by columns.
    direct: Option<Direct>,
}

impl Transposition {
    pub(super) const fn of(geometry: Conv2dGeometry) -> Self {
        let direct = match Direct::where_faster(&geometry) {
            Some(direct) if direct.has_input_gradient() => Some(direct),
            _ => None,
        };
        Self { geometry, direct }
    }

    pub(super) const fn scratch(&self) -> Space {
        Space::fixed(match self.direct {
            Some(direct) => direct.scratch_len(),
            None => self.geometry.scratch_len(),
        })
    }

    pub(super) const fn inference(&self) -> Space {
        Space::fixed(match self.direct {
            Some(direct) => direct.input_scratch_len(),
            None => self.geometry.scratch_len(),
        })
    }

    pub(super) const fn prepared(&self) -> Prepared {
        match self.direct {
            Some(direct) => Prepared { forward: direct.packed().backward, backward: direct.packed().forward },
            None => Prepared::NONE,
        }
    }

    pub(super) fn prepare<E: Element>(&self, Preparation { direction, parameters, prepared, .. }: Preparation<'_, E>) {
        let Some(direct) = self.direct else { return };
        let direction = match direction {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        };
        direct.pack(Level::best(), direction, &parameters[..self.geometry.weight_len()], prepared);
    }

    /// y = epilogue(weightᵀ ∗ x + bias).
    #[expect(clippy::needless_pass_by_value, reason = "as Layer::forward hands it over")]
    pub(super) fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let geometry = &self.geometry;
        let (weight, bias) = pass.weight_and_bias(geometry.weight_len());
        if let Some(direct) = self.direct {
            let (processor, packed) = (Processor::best(pass.run.threads), (pass.prepared, bias));
            return direct.backward_input::<E, true>(processor, packed, pass.x, pass.y, pass.epilogue, pass.scratch);
        }
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

    /// Takes the lines of a norm: weights are (I, O/G, KH, KW), the inputs of a group one after the other, each with a filter for
    /// every output of its group.
    pub(super) fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        let Conv2dGeometry { window, filters, groups } = self.geometry;
        let (taps, outputs, inputs) = (window.taps(), window.channels / groups, filters / groups);
        folding.take(self.geometry.weight_len(), |index| {
            let (input, output) = (index / taps / outputs, index / taps % outputs);
            input / inputs * outputs + output
        });
    }

    /// The gradients of the same.
    pub(super) fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let geometry = &self.geometry;
        let (weight, _) = pass.parameters.split_at(geometry.weight_len());
        let (d_weight, d_bias) = pass.gradients.split_at_mut(geometry.weight_len());
        if let Some(direct) = self.direct {
            let (processor, images) = (Processor::best(pass.run.threads), (&*pass.dy, pass.x));
            rows::add_sums(processor.level, geometry.window.pixels(), pass.dy, d_bias);
            let (packed, scratch) = (pass.prepared, pass.scratch);
            return direct.backward_transposed::<E, true>(processor, packed, images, pass.dx, d_weight, scratch);
        }
        let inputs = pass.x.chunks_exact(geometry.output_len());
        let mut input_gradients = pass.dx.as_deref_mut().map(|dx| dx.chunks_exact_mut(geometry.output_len()));
        for (x, dy) in inputs.zip(pass.dy.chunks_exact(geometry.window.input_len())) {
            conv2d_backward(geometry, weight, dy, x, None, d_weight, &mut [], pass.scratch);
            for (d_bias, dy) in d_bias.iter_mut().zip(dy.chunks_exact(geometry.window.pixels())) {
                *d_bias += dy.iter().copied().sum();
            }
            if let Some(dx) = input_gradients.as_mut().and_then(Iterator::next) {
                conv2d(geometry, weight, &[], dy, dx, Activation::Identity, pass.scratch);
            }
        }
    }
}
