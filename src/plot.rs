//! Pictures of runs and networks: curves, confusion matrices, mistakes and feature maps as lines and texts, an [`Svg`]; filters as pixels, a [`Picture`].
//!
//! Both are saved as what the name of the file ends in: `.svg`, which any browser shows sharply at any size, on light paper or dark, or `.png`.

mod captioned;
mod chart;
mod confusion;
mod filters;
mod font;
mod maps;
mod mistakes;
mod picture;
mod png;
mod ppm;
mod raster;
mod svg;

pub use captioned::{Captioned, captioned};
pub use chart::{Curve, Panel, curves, history};
pub use confusion::confusion;
pub use filters::filters;
pub use maps::maps;
pub use mistakes::mistakes;
pub use picture::Picture;
pub use svg::Svg;

use std::path::Path;

use crate::element::Element;
use crate::error::Error;
use crate::io;
use crate::shape::Image;
use crate::tensor::Tensor;

impl Svg {
    /// Writes the picture to a file: in pixels if its name ends in `.png`, else as SVG.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        if ends_in(path, "png") { self.to_picture().save(path) } else { io::write(path, self.to_string().as_bytes()) }
    }

    /// The picture in pixels, two for each of its own, on light paper. Texts are of dots; a box stands for a letter that is not ASCII.
    #[must_use]
    pub fn to_picture(&self) -> Picture {
        raster::raster(self)
    }
}

impl Picture {
    /// Writes the picture to a file: as SVG if its name ends in `.svg`, else as PNG.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, [`Error::Setting`] for a PNG file of a picture without pixels.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        if ends_in(path, "svg") { self.to_svg().save(path) } else { io::write(path, &self.to_png()?) }
    }

    /// The picture with each pixel as a square of SVG.
    #[must_use]
    pub fn to_svg(&self) -> Svg {
        let size = [self.width() as f64, self.height() as f64];
        let mut svg = Svg::new(size[0], size[1]);
        svg.picture([0.0; 2], size, self.clone());
        svg
    }

    /// The bytes of a PNG file of the picture.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a picture without pixels.
    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
        png::encode(self)
    }

    /// Reads a PNG file, or a PPM or PGM file of one byte a value.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and what is wrong with the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        io::read(path.as_ref(), Self::from_bytes)
    }

    /// As [`open`](Picture::open), from the bytes of a file.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] with what is wrong with them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.starts_with(b"P5") || bytes.starts_with(b"P6") { ppm::decode(bytes) } else { png::decode(bytes) }
    }

    /// A sample (channels, rows, columns) from its least value, dark, to its largest, bright: in colour if it has three channels, else its first
    /// channel in greys.
    #[must_use]
    pub fn of_sample(dims: &[usize], values: &[f64]) -> Self {
        let width = dims.last().copied().unwrap_or(1);
        let map = width * if dims.len() > 1 { dims[dims.len() - 2] } else { 1 };
        let range = range(values);
        match dims {
            [3, _, _] => {
                let channel = |index: usize| &values[index * map..][..map];
                Self::colour(width, [channel(0), channel(1), channel(2)], range)
            }
            _ => Self::grey(width, &values[..map.min(values.len())], range),
        }
    }

    /// The picture as a sample of its size, values from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if it is of another size.
    pub fn to_tensor<const H: usize, const W: usize, E: Element>(&self) -> Result<Tensor<Image<3, H, W>, E>, Error>
    where
        Image<3, H, W>: crate::shape::Shape,
    {
        crate::error::check_length(H, self.height())?;
        crate::error::check_length(W, self.width())?;
        let value = |index: usize| f64::from(self.pixels()[index % (H * W)][index / (H * W)]) / 255.0;
        Ok(Tensor::from_fn(|index| E::from_f64(value(index))))
    }
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|there| there.eq_ignore_ascii_case(ending))
}

/// The least and the largest of the finite values.
fn range(values: &[f64]) -> [f64; 2] {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    finite.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
}
