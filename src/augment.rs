//! Training pictures changed at random, so that a network sees more of them than there are.
//!
//! Every change is a function of the seed, the epoch and the number of the sample: a run repeats whatever the number of
//! threads and the size of the batches.
//!
//! ```
//! use shapewright::augment::{Augment, Augmented, Cutout, HorizontalFlip, RandomCrop};
//! use shapewright::data::{Source, digits};
//!
//! let (train, _) = digits();
//! let augment = RandomCrop::padded(1).then(HorizontalFlip).then(Cutout::size(2));
//! let augmented = Augmented::new(&train, augment, 42); // seed 42
//! let (pictures, labels) = augmented.batch(0, &[3, 1, 2])?; // in epoch 0
//! assert_eq!(pictures, augmented.batch(0, &[3, 1, 2])?.0);
//! assert_ne!(pictures, augmented.batch(1, &[3, 1, 2])?.0);
//! assert_eq!(labels, train.labels().select(&[3, 1, 2]));
//! # Ok::<(), shapewright::Error>(())
//! ```

mod augmented;
mod chance;
mod crop;
mod cutout;
mod flip;
mod mixup;
mod resample;

pub use augmented::Augmented;
pub use chance::Chance;
pub use crop::RandomCrop;
pub use cutout::Cutout;
pub use flip::HorizontalFlip;
pub use mixup::{Mixed, Mixup};
pub use resample::{RandomRotation, RandomShift};

use crate::element::Element;
use crate::shape::{Image, Shape};

/// Shapes with channels of rows of pixels: `Image<C, H, W>`.
#[diagnostic::on_unimplemented(
    message = "a picture has rows and columns, but {Self} has not",
    label = "no picture: {Self}",
    note = "pictures are `Image<C, H, W>`"
)]
pub trait Picture: Shape {
    /// The number of channels.
    const CHANNELS: usize;
    /// The number of rows of a channel.
    const ROWS: usize;
    /// The number of pixels of a row.
    const COLUMNS: usize;
}

impl<const C: usize, const H: usize, const W: usize> Picture for Image<C, H, W>
where
    Self: Shape,
{
    const CHANNELS: usize = C;
    const ROWS: usize = H;
    const COLUMNS: usize = W;
}

/// A random change of a picture.
///
/// # Examples
///
/// Noise on every pixel:
///
/// ```
/// use shapewright::Element;
/// use shapewright::augment::{Augment, Augmented, Chance, HorizontalFlip, Picture};
///
/// #[derive(Clone, Copy)]
/// struct Grain(f64);
///
/// impl Augment for Grain {
///     fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], _scratch: &mut [E]) {
///         for value in values {
///             *value += E::from_f64(chance.between(-self.0, self.0));
///         }
///     }
/// }
///
/// let (train, _) = shapewright::data::digits();
/// let grainy = Augmented::new(&train, Grain(0.1).then(HorizontalFlip), 1);
/// # let _ = shapewright::data::Source::batch(&grainy, 0, &[0, 1])?;
/// # Ok::<(), shapewright::Error>(())
/// ```
pub trait Augment: Sync {
    /// Changes one picture in place: `values` channel by channel, row by row, `scratch` as long, and anything in it.
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], scratch: &mut [E]);

    /// This change, and then another.
    fn then<B: Augment>(self, next: B) -> Then<Self, B>
    where
        Self: Sized,
    {
        Then(self, next)
    }
}

impl<A: Augment> Augment for &A {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], scratch: &mut [E]) {
        (**self).apply::<S, E>(chance, values, scratch);
    }
}

/// Two changes, one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Then<A, B>(A, B);

impl<A: Augment, B: Augment> Augment for Then<A, B> {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], scratch: &mut [E]) {
        self.0.apply::<S, E>(chance, values, scratch);
        self.1.apply::<S, E>(chance, values, scratch);
    }
}
