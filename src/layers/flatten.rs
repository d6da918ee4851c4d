//! From feature maps to features.

use crate::element::Element;
use crate::layer::{Backward, Forward, Head, Layer};
use crate::shape::rules::Spatial;

/// The same values, taken as features, channel by channel, row by row: y((c·H + i)·W + j) = x(c, i, j).
///
/// Nothing is moved; in a chain it costs nothing.
///
/// # Shapes
///
/// `Image<C, H, W>` → `Flat<Image<C, H, W>>`, of length C·H·W; likewise for sequences.
///
/// PyTorch: `nn.Flatten()`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// net! { pub Features: Image<2, 3, 3> => Vector<18> = flatten }
/// assert_eq!(Features::PARAMS, 0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Flatten;

impl<S: Spatial> Layer<S> for Flatten {
    type Output = S::Flattened;

    const HEAD: Head = Head::Whole;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        pass.y.copy_from_slice(pass.x);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        if let Some(dx) = pass.dx {
            dx.copy_from_slice(pass.dy);
        }
    }
}
