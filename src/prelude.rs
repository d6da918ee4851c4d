//! What a program that declares and trains networks needs: `use shapewright::prelude::*;`.

pub use crate::data::Dataset;
pub use crate::optim::{Adam, AdamW, Optimizer as _, Sgd};
pub use crate::shape::Shape as _;
pub use crate::train::{Constant, Cosine, Exponential, MultiStep, OneCycle, ReduceOnPlateau, StepDecay, Warmup};
pub use crate::train::{Patience, Trainer, accuracy, evaluate};
pub use crate::{Batch, Fix as _, Flat, Image, Labels, Layer as _, Loss as _, Model, Network};
pub use crate::{BinaryCrossEntropy, CrossEntropy, Huber, MeanAbsoluteError, MeanSquaredError, SoftLabels};
pub use crate::{Sequence, Tensor, Vector, joins, net};

#[doc(hidden)]
pub use crate::__macros::budget;

#[cfg(feature = "safetensors")]
pub use crate::include_weights;
#[cfg(feature = "safetensors")]
pub use crate::train::Keep;
