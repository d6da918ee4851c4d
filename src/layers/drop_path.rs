//! Stochastic depth.

use super::drop::{Rate, drop_layer};
use crate::shape::Shape;

/// In training, drops all values of a sample with probability p and divides those of the others by 1 − p: y = x · mask / (1 − p), with
/// one mask of 0 or 1 for the sample. At the end of a residual
/// block's body it makes stochastic depth (Huang and others, 2016, <https://arxiv.org/abs/1603.09382>). torchvision's
/// `StochasticDepth(p, 'row')`.
///
/// Evaluation and [`Model::forward`](crate::Model::forward) leave all as it is. Which values are dropped depends on the seed of the model, the
/// step, the stage and the sample, not on the threads.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::DropPath;
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Vector<3> => {DropPath::new(0.5)}), 0);
/// let (x, dy) = (Batch::from([[1.0; 3]; 9]), Batch::from([[1.0; 3]; 9]));
/// let gradients = model.backward(&x, &dy);
/// for sample in gradients.input().unwrap().as_slice().chunks(3) {
///     assert!(sample == [0.0; 3] || sample == [2.0; 3]);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DropPath(Rate);

drop_layer!(DropPath on Shape, groups of S::LEN);
