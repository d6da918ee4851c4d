//! The layers, one a file, forward beside backward.

#![allow(clippy::inline_always)] // the functions of elementwise kernels are parts of kernels

mod adaptive_avg_pool;
mod avg_pool2d;
mod batch_norm;
mod channel_dropout;
mod columns;
mod concat;
mod conv1d;
mod conv2d;
mod conv_transpose1d;
mod conv_transpose2d;
mod convolution;
mod dense;
mod depthwise_conv2d;
mod drop;
mod drop_path;
mod dropout;
mod elementwise;
mod elu;
mod eps;
mod exact;
mod flatten;
mod gelu;
mod gelu_tanh;
mod global_pool;
mod group_norm;
mod hard_swish;
mod identity;
mod instance_norm;
mod layer_norm;
mod leaky_relu;
mod log_softmax;
mod lrn;
mod max_pool2d;
mod mish;
mod named;
mod prelu;
mod relu;
mod relu6;
mod repeat;
mod rms_norm;
mod selu;
mod seq;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod subsample;
mod sum;
mod tanh;
mod terms;
mod transposition;
mod upsample;
mod zero_pad;

pub use adaptive_avg_pool::AdaptiveAvgPool;
pub use avg_pool2d::{AvgPool2d, CountPadding, SkipPadding};
pub use batch_norm::BatchNorm;
pub use channel_dropout::ChannelDropout;
pub use concat::Concat;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use depthwise_conv2d::DepthwiseConv2d;
pub use drop_path::DropPath;
pub use dropout::Dropout;
pub use elu::Elu;
pub use exact::{Exact, ExactOn};
pub use flatten::Flatten;
pub use gelu::Gelu;
pub use gelu_tanh::GeluTanh;
pub use global_pool::{GlobalAvgPool, GlobalMaxPool};
pub use group_norm::GroupNorm;
pub use hard_swish::HardSwish;
pub use identity::Identity;
pub use instance_norm::InstanceNorm;
pub use layer_norm::LayerNorm;
pub use leaky_relu::LeakyRelu;
pub use log_softmax::LogSoftmax;
pub use lrn::Lrn;
pub use max_pool2d::MaxPool2d;
pub use mish::Mish;
pub use named::{Chain, Labeled};
pub use prelu::{Prelu, PreluChannels};
pub use relu::Relu;
pub use relu6::Relu6;
pub use repeat::Repeat;
pub use rms_norm::RmsNorm;
pub use selu::Selu;
pub use seq::Seq;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softmax::Softmax;
pub use softplus::Softplus;
pub use subsample::Subsample;
pub use sum::{Residual, Sum};
pub use tanh::Tanh;
pub use terms::{Arriving, Bias, BiasTerm, In, NoBias, Takes, TakesFeatures};
pub use upsample::Upsample;
pub use zero_pad::ZeroPad;

// What layers ask of shapes; public, so that messages have short names for it.
#[doc(hidden)]
pub use {
    adaptive_avg_pool::{Divided, DividesInto},
    subsample::{AtLeast, Broadened},
    upsample::Upsampled,
    zero_pad::Padded,
};
