//! The memory of inference, for a user to own.

use core::fmt;
use core::marker::PhantomData;

use crate::element::Element;
use crate::exec::Inference;
use crate::network::Network;

/// What [`Model::infer_into`](crate::Model::infer_into) works in: one block on the heap, made once.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Scratch;
///
/// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> pool2 >> flatten >> dense(3) }
///
/// const BYTES: usize = Scratch::<Tiny>::BYTES; // known before the program runs
/// let model = Model::new(Tiny, 7);
/// let mut scratch = Scratch::<Tiny>::new();
/// let mut y = Batch::zeros(2);
/// model.infer_into(&Batch::zeros(2), &mut y, &mut scratch)?; // allocates nothing
/// # assert!(BYTES > 0);
/// # Ok::<(), shapewright::Error>(())
/// ```
pub struct Scratch<N, E = f32> {
    pub(crate) values: Vec<E>,
    pub(crate) lanes: usize,
    network: PhantomData<fn() -> N>,
}

impl<N: Network, E: Element> Scratch<N, E> {
    /// Bytes of one lane, for any number of samples: all that a network needs besides its parameters, its input and its
    /// output.
    pub const BYTES: usize = Inference::of::<N>().room_of_any() * size_of::<E>();

    /// Scratch for one lane: inference stays on the calling thread.
    #[must_use]
    pub fn new() -> Self {
        Self::with_lanes(1)
    }

    /// Scratch for `lanes` parts of a batch that run at once, at least one.
    #[must_use]
    pub fn with_lanes(lanes: usize) -> Self {
        let lanes = lanes.max(1);
        Self {
            values: vec![E::zero(); lanes * const { Inference::of::<N>().room_of_any() }.max(1)],
            lanes,
            network: PhantomData,
        }
    }
}

impl<N: Network, E: Element> Default for Scratch<N, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Network, E: Element> fmt::Debug for Scratch<N, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scratch of {} lanes of {} bytes", self.lanes, Self::BYTES)
    }
}
