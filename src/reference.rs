//! The textbook loops: convolution, pooling and normalisation as the formulas say, one sum after the other.
//!
//! They are slow and plain. The fast [`kernels`](crate::kernels) are tested and timed against them.

mod avg_pool2d;
mod conv2d;
mod lrn;
mod max_pool2d;
mod norm;
mod prelu;
mod softmax;

pub use avg_pool2d::{avg_pool2d, avg_pool2d_backward};
pub use conv2d::{col2im, conv2d, conv2d_backward, im2col};
pub use lrn::{lrn, lrn_backward};
pub use max_pool2d::{max_pool2d, max_pool2d_backward};
pub use norm::Norm;
pub use prelu::{prelu, prelu_backward};
pub use softmax::{log_softmax, log_softmax_backward, softmax, softmax_backward};

use crate::kernels::window::Window2d;

/// The index in (channels, rows, columns) of the pixel that a tap sees, or `None` where it sees padding.
///
/// Along each axis, with output position i, tap m, stride s, dilation d and padding p, that is pixel i·s + m·d − p.
fn pixel(window: &Window2d, channel: usize, position: [usize; 2], tap: [usize; 2]) -> Option<usize> {
    let along = |axis: usize| {
        let padded = position[axis] * window.stride[axis] + tap[axis] * window.dilation[axis];
        padded.checked_sub(window.padding[axis]).filter(|&index| index < window.input[axis])
    };
    let [height, width] = window.input;
    Some((channel * height + along(0)?) * width + along(1)?)
}
