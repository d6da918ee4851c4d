//! An IDX file that is read as it is asked for.

use core::marker::PhantomData;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::contents;
use super::idx::{header, pixels_of, read_labels, sizes};
use super::{Place, Source};
use crate::batch::Batch;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::Shape;

/// What [`idx`](super::idx) reads, left in its file but for the labels: a [`Source`] of any size. The file must not be
/// packed.
#[derive(Debug)]
pub struct IdxFile<S, const CLASSES: usize> {
    path: PathBuf,
    file: Mutex<File>,
    /// Where the first image begins.
    start: u64,
    labels: Labels<CLASSES>,
    shape: PhantomData<S>,
}

impl<S: Shape, const CLASSES: usize> IdxFile<S, CLASSES> {
    /// Opens the file of images, checks its sizes and its length, and reads the labels.
    ///
    /// # Errors
    ///
    /// Those of [`idx`](super::idx), and [`Malformed`](Error::Malformed) if the images are packed.
    pub fn open(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self, Error> {
        let path = images.as_ref().to_owned();
        let failed = |source| Error::Io { path: path.clone(), source };
        let file = File::open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let (count, start) = contents::start(&path, |contents| {
            if contents.packed() {
                let reason = "the file is packed by gzip, but can only be read in any order when it is unpacked";
                return Err(Error::Malformed { place: Place::Byte(0), reason: reason.to_owned() });
            }
            let count = header(contents, sizes::<S>())?;
            let start = contents.offset();
            contents.check_length(start.saturating_add(count.saturating_mul(S::LEN as u64)), length)?;
            Ok((usize::try_from(count).unwrap_or(usize::MAX), start))
        })?;
        let labels = read_labels(labels.as_ref(), count)?;
        Ok(Self { path, file: Mutex::new(file), start, labels, shape: PhantomData })
    }

    fn read(&self, indices: &[usize], pixels: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        for (&index, pixels) in indices.iter().zip(pixels.chunks_exact_mut(S::LEN)) {
            file.seek(SeekFrom::Start(self.start + (index * S::LEN) as u64))?;
            file.read_exact(pixels)?;
        }
        Ok(())
    }
}

impl<S: Shape, const CLASSES: usize> Source<S> for IdxFile<S, CLASSES> {
    type Targets = Labels<CLASSES>;

    fn len(&self) -> usize {
        self.labels.len()
    }

    fn batch(&self, _epoch: u64, indices: &[usize]) -> Result<(Batch<S>, Labels<CLASSES>), Error> {
        let labels = self.labels.select(indices);
        let mut pixels = vec![0; indices.len() * S::LEN];
        let read = self.read(indices, &mut pixels);
        read.map_err(|source| Error::Io { path: self.path.clone(), source })?;
        Ok((pixels_of(&pixels), labels))
    }
}
