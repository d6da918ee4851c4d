//! The layers, one a file, forward beside backward.

mod concat;
mod conv2d;
mod dense;
mod flatten;
mod identity;
mod max_pool2d;
mod named;
mod relu;
mod repeat;
mod seq;
mod sum;
mod terms;

pub use concat::Concat;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use flatten::Flatten;
pub use identity::Identity;
pub use max_pool2d::MaxPool2d;
pub use named::{Chain, Labeled};
pub use relu::Relu;
pub use repeat::Repeat;
pub use seq::Seq;
pub use sum::{Residual, Sum};
pub use terms::{Arriving, Bias, BiasTerm, In, NoBias, Takes, TakesFeatures};
