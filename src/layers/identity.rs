//! The layer that does nothing.

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Backward, Forward, Head, Layer};
use crate::shape::Shape;

/// y = x: the shortcut of a plain residual block. It costs nothing.
///
/// # Shapes
///
/// S → S
///
/// PyTorch: `nn.Identity()`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Identity;
///
/// let model = Model::new(net!(Vector<2> => {Identity}), 0);
/// assert_eq!(model.forward(&Batch::from([[-1.0, 2.0]])).sample(0), [-1.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl<S: Shape> Layer<S> for Identity {
    type Output = S;

    const HEAD: Head = Head::Whole;

    fn head(&self) -> Activation {
        Activation::Identity
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
