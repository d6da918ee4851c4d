//! Convolutions by columns over the samples of a pass, for the layers that have no kernel of their own.

use crate::element::Element;
use crate::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward};
use crate::layer::{Backward, Forward};

/// y = epilogue(weight ∗ x + bias), sample by sample.
#[allow(clippy::needless_pass_by_value)] // as Layer::forward hands it over
pub(super) fn forward<E: Element>(geometry: &Conv2dGeometry, pass: Forward<'_, E>) {
    let (weight, bias) = pass.weight_and_bias(geometry.weight_len());
    let outputs = pass.y.chunks_exact_mut(geometry.output_len());
    for (x, y) in pass.x.chunks_exact(geometry.window.input_len()).zip(outputs) {
        conv2d(geometry, weight, bias, x, y, pass.epilogue, pass.scratch);
    }
}

/// The gradients of the same, sample by sample.
pub(super) fn backward<E: Element>(geometry: &Conv2dGeometry, pass: Backward<'_, E>) {
    let (weight, _) = pass.parameters.split_at(geometry.weight_len());
    let (d_weight, d_bias) = pass.gradients.split_at_mut(geometry.weight_len());
    let inputs = pass.x.chunks_exact(geometry.window.input_len());
    let outputs = pass.dy.chunks_exact(geometry.output_len());
    let mut input_gradients = pass.dx.map(|dx| dx.chunks_exact_mut(geometry.window.input_len()));
    for (x, dy) in inputs.zip(outputs) {
        let dx = input_gradients.as_mut().and_then(Iterator::next);
        conv2d_backward(geometry, weight, x, dy, dx, d_weight, d_bias, pass.scratch);
    }
}
