//! What a program that declares and trains networks needs: `use shapewright::prelude::*;`.

pub use crate::data::Dataset;
pub use crate::optim::{Adam, AdamW, Optimizer as _, Sgd};
pub use crate::shape::Shape as _;
pub use crate::train::Trainer;
pub use crate::{Batch, CrossEntropy, Fix as _, Flat, Image, Labels, Layer as _, Loss as _, Model, Network as _};
pub use crate::{Sequence, Tensor, Vector, joins, net};

#[doc(hidden)]
pub use crate::__macros::budget;

#[cfg(feature = "safetensors")]
pub use crate::include_weights;
