//! The layers, one a file, forward beside backward.

mod adaptive_avg_pool;
mod avg_pool2d;
mod concat;
mod conv2d;
mod dense;
mod flatten;
mod global_pool;
mod identity;
mod max_pool2d;
mod named;
mod relu;
mod repeat;
mod seq;
mod subsample;
mod sum;
mod terms;
mod upsample;
mod zero_pad;

pub use adaptive_avg_pool::AdaptiveAvgPool;
pub use avg_pool2d::{AvgPool2d, CountPadding, SkipPadding};
pub use concat::Concat;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use flatten::Flatten;
pub use global_pool::{GlobalAvgPool, GlobalMaxPool};
pub use identity::Identity;
pub use max_pool2d::MaxPool2d;
pub use named::{Chain, Labeled};
pub use relu::Relu;
pub use repeat::Repeat;
pub use seq::Seq;
pub use subsample::Subsample;
pub use sum::{Residual, Sum};
pub use terms::{Arriving, Bias, BiasTerm, In, NoBias, Takes, TakesFeatures};
pub use upsample::Upsample;
pub use zero_pad::ZeroPad;
