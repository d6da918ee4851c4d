//! The layers, one a file, forward beside backward.

mod conv2d;
mod dense;
mod flatten;
mod max_pool2d;
mod named;
mod relu;
mod repeat;
mod seq;
mod terms;

pub use conv2d::Conv2d;
pub use dense::Dense;
pub use flatten::Flatten;
pub use max_pool2d::MaxPool2d;
pub use named::{Chain, Labeled};
pub use relu::Relu;
pub use repeat::Repeat;
pub use seq::Seq;
pub use terms::{Arriving, Bias, BiasTerm, In, NoBias, Takes, TakesFeatures};
