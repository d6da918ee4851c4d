//! What a network costs, known before the program runs.

use crate::exec::{Inference, Training};
use crate::layer::Layer;
use crate::network::Network;
use crate::plan::Plan;
use crate::shape::Shape;

/// What a network costs. Bytes are those of `f32`; in `f64` they are twice as many.
///
/// A network that [`net!`](crate::net) declares has each of these as a constant of its own.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Figures, Network};
///
/// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> pool2 >> flatten >> dense(3) }
/// const _: () = assert!(Tiny::PARAMS == 151 && Tiny::FLOPS == 2 * 1_404 && Tiny::DEPTH == 2);
///
/// fn figures<N: Network>(_network: &N) -> Figures {
///     const { Figures::of::<N>() }
/// }
/// let twins = net!(Image<1, 8, 8> => concat(Tiny | Tiny));
/// assert_eq!(figures(&twins).params, 2 * Tiny::PARAMS);
/// assert!(figures(&twins).inference_bytes > Tiny::INFERENCE_BYTES);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Trainable parameters.
    pub params: usize,
    /// Running statistics.
    pub state: usize,
    /// Multiply-accumulates of the forward pass of one sample: bias, norms, pooling and activations not counted.
    pub macs: usize,
    /// Floating-point operations of the same: two for each multiply-accumulate.
    pub flops: usize,
    /// Stages that multiply by weights (convolutions and dense layers), on the longest path.
    pub depth: usize,
    /// Bytes of parameters and running statistics.
    pub weights_bytes: usize,
    /// Bytes that the inference of one sample needs besides the weights: input, output, and all that lies between.
    pub inference_bytes: usize,
    training: Training,
    pub(crate) plan: &'static Plan,
}

impl Figures {
    /// The figures of `N`.
    #[must_use]
    pub const fn of<N: Network>() -> Self {
        let values = <N::Input as Shape>::LEN + <<N as Layer<N::Input>>::Output as Shape>::LEN;
        Self {
            params: N::PARAMS,
            state: N::STATE,
            macs: N::MACS,
            flops: 2 * N::MACS,
            depth: N::PLAN.depth(),
            weights_bytes: bytes(N::PARAMS + N::STATE),
            inference_bytes: bytes(values + Inference::of::<N>().room(1)),
            training: Training::of::<N>(),
            plan: &N::PLAN,
        }
    }

    /// Bytes that a step of training on `batch` samples needs at most besides the weights: the inputs, and for each of up to eight
    /// lanes its gradients, activations and scratch.
    ///
    /// That is with a thread for each lane; on fewer threads, lanes share their activations and scratch. What an
    /// optimizer keeps is not in it.
    #[must_use]
    pub const fn training_bytes(&self, batch: usize) -> usize {
        bytes(self.training.elements(batch))
    }
}

/// Bytes of as many elements.
pub(crate) const fn bytes(elements: usize) -> usize {
    elements * size_of::<f32>()
}
