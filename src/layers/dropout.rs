//! Dropout.

use super::drop::{Rate, drop_layer};
use crate::shape::Shape;

/// In training, drops each value with probability p and divides the others by 1 − p: y = x · mask / (1 − p) (Srivastava and
/// others, 2014). PyTorch's `nn.Dropout`.
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
/// use shapewright::Dropout;
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Vector<8> => {Dropout::new(0.5)}), 0);
/// let (x, dy) = (Batch::from([[1.0; 8]]), Batch::from([[1.0; 8]]));
/// assert_eq!(model.forward(&x), x);
/// let gradients = model.backward(&x, &dy); // of training: values of 0 and 2
/// assert!(gradients.input().unwrap().sample(0).iter().all(|&dx| dx == 0.0 || dx == 2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout(Rate);

drop_layer!(Dropout on Shape, groups of 1);
