//! A picture file as what a network takes.

use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, ImageError, ImageReader};

use super::contents::in_file;
use crate::augment::Picture;
use crate::error::Error;
use crate::shape::{Image, Shape};
use crate::tensor::Tensor;

/// The largest pixel.
const WHITE: f32 = 255.0;

/// How a picture of another ratio of sides becomes one of the shape's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fitting {
    /// It is stretched: nothing is lost, and circles become ellipses.
    #[default]
    Stretched,
    /// What is too much on two sides is cut off.
    Cropped,
}

/// Shapes that picture files are read as: `Image<1, H, W>`, grey, and `Image<3, H, W>`, red, green and blue.
#[diagnostic::on_unimplemented(
    message = "a picture file has 1 channel (grey) or 3 (red, green, blue), which {Self} has not",
    label = "not read as {Self}",
    note = "read pictures as `Image<1, H, W>` or `Image<3, H, W>`"
)]
pub trait Pixels: Picture {
    /// The bytes of a picture: row by row, all channels of a pixel together.
    #[doc(hidden)]
    fn bytes(picture: DynamicImage) -> Vec<u8>;
}

impl<const H: usize, const W: usize> Pixels for Image<1, H, W>
where
    Self: Shape,
{
    fn bytes(picture: DynamicImage) -> Vec<u8> {
        picture.into_luma8().into_raw()
    }
}

impl<const H: usize, const W: usize> Pixels for Image<3, H, W>
where
    Self: Shape,
{
    fn bytes(picture: DynamicImage) -> Vec<u8> {
        picture.into_rgb8().into_raw()
    }
}

/// A PNG, JPEG or PNM file, resized to the shape's rows and columns; pixels 0 to 1.
///
/// # Errors
///
/// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Format`](Error::Format) for what is no picture.
///
/// # Examples
///
/// ```
/// use shapewright::data::{Fitting, picture};
/// use shapewright::prelude::*;
///
/// # let path = std::env::temp_dir().join(format!("shapewright-{}.pgm", std::process::id()));
/// std::fs::write(&path, b"P5 2 1 255 \x00\xff").unwrap();
/// let values = picture::<Image<1, 1, 2>>(&path, Fitting::Stretched)?;
/// assert_eq!(values.as_slice(), [0.0, 1.0]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn picture<S: Pixels>(path: impl AsRef<Path>, fitting: Fitting) -> Result<Tensor<S>, Error> {
    let mut values = Tensor::zeros();
    read::<S>(path.as_ref(), fitting, values.as_mut_slice())?;
    Ok(values)
}

/// The pixels of a file, channel by channel.
pub(super) fn read<S: Pixels>(path: &Path, fitting: Fitting, values: &mut [f32]) -> Result<(), Error> {
    let picture = decode(path).map_err(|error| match error {
        ImageError::IoError(source) => Error::Io { path: path.to_owned(), source },
        error => in_file(path, Error::Format { reason: error.to_string() }),
    })?;
    let [rows, columns] = [S::ROWS, S::COLUMNS].map(|size| u32::try_from(size).expect("a size is at most 4,096"));
    let picture = match fitting {
        Fitting::Stretched => picture.resize_exact(columns, rows, FilterType::Triangle),
        Fitting::Cropped => picture.resize_to_fill(columns, rows, FilterType::Triangle),
    };
    for (pixel, bytes) in S::bytes(picture).chunks_exact(S::CHANNELS).enumerate() {
        for (channel, &byte) in values.chunks_exact_mut(S::ROWS * S::COLUMNS).zip(bytes) {
            channel[pixel] = f32::from(byte) / WHITE;
        }
    }
    Ok(())
}

/// What a file shows, whatever its name ends in.
fn decode(path: &Path) -> Result<DynamicImage, ImageError> {
    ImageReader::open(path)?.with_guessed_format()?.decode()
}
