//! The rectifier.

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Backward, Forward, Head, Layer};
use crate::shape::Shape;

/// y = max(x, 0), value by value; NaN stays NaN. The gradient at 0 is 0, as in PyTorch.
///
/// In a chain it costs no pass of its own: the layer before it applies it while writing.
///
/// # Shapes
///
/// S → S
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let model = Model::new(net!(Vector<3> => relu), 0);
/// let y = model.forward(&Batch::from([[-1.0, 0.0, 2.0]]));
/// assert_eq!(y.sample(0), [0.0, 0.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Relu;

impl<S: Shape> Layer<S> for Relu {
    type Output = S;

    const HEAD: Head = Head::Whole;

    fn head(&self) -> Activation {
        Activation::Relu
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        pass.y.copy_from_slice(pass.x);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        if let Some(dx) = pass.dx {
            dx.copy_from_slice(pass.dy);
        }
    }
}
