//! Files in the IDX format, in which MNIST is published: a magic number, sizes, bytes.

use std::path::Path;

use super::contents::{self, Contents};
use super::{Dataset, Place};
use crate::batch::Batch;
use crate::error::Error;
use crate::labels::Labels;
use crate::loss::check_samples;
use crate::shape::Shape;

/// Two bytes of zeros, the type of the values (8: unsigned bytes), the number of sizes.
const BYTES: u32 = 0x0800;

/// The largest pixel.
const WHITE: f32 = 255.0;

/// Images and labels from two IDX files, packed by gzip or not; pixels 0 to 1 in steps of 1/255.
///
/// One channel needs no size in the file: images of `Image<1, 28, 28>` are `n` × 28 × 28 bytes. The format is described
/// at <http://yann.lecun.com/exdb/mnist/>.
///
/// # Errors
///
/// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Mismatch`](Error::Mismatch) for a magic number,
/// size or length, [`Malformed`](Error::Malformed) for broken gzip data, a label that is no class or a count of 0,
/// [`Samples`](Error::Samples) if there are not as many labels as images.
///
/// # Examples
///
/// ```
/// use shapewright::data::idx;
/// use shapewright::prelude::*;
///
/// # let folder = std::env::temp_dir().join(format!("shapewright-idx-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let (images, labels) = (folder.join("images"), folder.join("labels"));
/// std::fs::write(&images, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 0]).unwrap();
/// std::fs::write(&labels, [0, 0, 8, 1, 0, 0, 0, 2, 4, 9]).unwrap();
/// let data = idx::<Image<1, 1, 2>, 10>(&images, &labels)?;
/// assert_eq!(data.inputs().sample(1), [0.2, 0.0]);
/// assert_eq!(data.labels().as_slice(), [4, 9]);
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn idx<S: Shape, const CLASSES: usize>(
    images: impl AsRef<Path>,
    labels: impl AsRef<Path>,
) -> Result<Dataset<S, CLASSES>, Error> {
    let pixels = contents::read(images.as_ref(), |contents| {
        let count = header(contents, sizes::<S>())?;
        contents.take(count.saturating_mul(S::LEN as u64))
    })?;
    let inputs = pixels_of(&pixels);
    let labels = read_labels(labels.as_ref(), inputs.len())?;
    Dataset::new(inputs, labels)
}

/// Bytes as values 0 to 1.
pub(super) fn pixels_of<S: Shape>(bytes: &[u8]) -> Batch<S> {
    Batch::holding(bytes.len() / S::LEN, bytes.iter().map(|&byte| f32::from(byte) / WHITE).collect())
}

/// The labels of as many images.
pub(super) fn read_labels<const CLASSES: usize>(path: &Path, images: usize) -> Result<Labels<CLASSES>, Error> {
    contents::read(path, |contents| {
        let count = header(contents, &[])?;
        let start = contents.offset();
        let labels: Vec<usize> = contents.take(count)?.into_iter().map(usize::from).collect();
        check_samples(images, labels.len())?;
        match labels.iter().position(|&label| label >= CLASSES) {
            Some(index) => Err(contents::no_class(contents.place_at(start + index as u64), labels[index], CLASSES)),
            None => Labels::new(&labels),
        }
    })
}

/// The sizes of one sample in a file: one channel is none.
pub(super) fn sizes<S: Shape>() -> &'static [usize] {
    match S::DIMS {
        [1, sizes @ ..] if !sizes.is_empty() => sizes,
        sizes => sizes,
    }
}

/// How many samples of these sizes a file says it holds.
pub(super) fn header(contents: &mut Contents, sizes: &[usize]) -> Result<u64, Error> {
    let dimensions = u32::try_from(sizes.len()).expect("a shape has at most three sizes");
    check(contents, "the magic number", u64::from(BYTES + 1 + dimensions))?;
    let place = contents.place();
    let count = contents.number()?;
    if count == 0 {
        return Err(contents::no_samples(place));
    }
    for (index, &size) in sizes.iter().enumerate() {
        let what = match sizes.len() - index {
            1 => "the number of columns",
            2 => "the number of rows",
            _ => "the number of channels",
        };
        check(contents, what, size as u64)?;
    }
    Ok(u64::from(count))
}

fn check(contents: &mut Contents, what: &'static str, expected: u64) -> Result<(), Error> {
    let place: Place = contents.place();
    let found = u64::from(contents.number()?);
    if found == expected { Ok(()) } else { Err(Error::Mismatch { place, what, expected, found }) }
}
