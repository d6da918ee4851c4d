//! The fast loops: im2col and matrix products for convolution, plain loops for pooling.
//!
//! Each works on one sample, takes its sizes from a geometry that was made once, and has a textbook twin of the same
//! signature in [`reference`](crate::reference).

#![allow(
    clippy::inline_always,       // a kernel must be one function at each level, or its registers spill
    clippy::needless_range_loop  // loops with constant bounds, so that compilers unroll them into registers
)]

pub mod avg_pool2d;
pub mod batch_norm;
pub mod conv2d;
pub mod dense;
pub mod depthwise;
pub mod direct;
mod direct_filters;
mod direct_input;
mod direct_weight;
pub(crate) mod dropout;
pub(crate) mod elementwise;
pub mod gemm;
pub mod lrn;
pub(crate) mod math;
pub mod max_pool2d;
mod norm;
mod padded;
pub mod prelu;
pub mod rows;
pub mod sample_norm;
pub mod simd;
pub mod softmax;
mod squares;
mod strided;
pub mod window;
pub mod winograd;
