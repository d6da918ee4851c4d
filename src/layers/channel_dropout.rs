//! Dropout of whole channels.

use super::drop::{Rate, drop_layer};
use crate::shape::Channelled;

/// In training, drops each channel of a sample with probability p and divides the others by 1 − p: y(c, i, j) =
/// x(c, i, j) · mask(c) / (1 − p) (Tompson and others, 2014, <https://arxiv.org/abs/1411.4280>). PyTorch's `nn.Dropout1d` and `nn.Dropout2d`; on features it is [`Dropout`](crate::Dropout).
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
/// use shapewright::ChannelDropout;
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Image<2, 1, 2> => {ChannelDropout::new(0.5)}), 0);
/// let (x, dy) = (Batch::from([[[[1.0; 2]]; 2]]), Batch::from([[[[1.0; 2]]; 2]]));
/// let gradients = model.backward(&x, &dy);
/// for channel in gradients.input().unwrap().sample(0).chunks(2) {
///     assert!(channel == [0.0; 2] || channel == [2.0; 2]);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelDropout(Rate);

drop_layer!(ChannelDropout on Channelled, groups of S::POSITIONS);
