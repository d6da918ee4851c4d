//! Several arrays in one file, as NumPy's `savez` writes them: `.npz`, a zip archive of `.npy` files.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::contents::in_file;
use super::{Dataset, Place, npy};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::Shape;

/// A `.npz` file: arrays by name, packed (`savez_compressed`) or not (`savez`).
///
/// # Examples
///
/// ```no_run
/// use shapewright::data::Npz;
/// use shapewright::prelude::*;
///
/// // Keras keeps MNIST so.
/// let file = Npz::open("mnist.npz")?;
/// let train: Dataset<Image<1, 28, 28>, 10> = file.dataset("x_train", "y_train")?;
/// let test = file.dataset("x_test", "y_test")?;
/// # let _: Dataset<Image<1, 28, 28>, 10> = test;
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Npz {
    path: PathBuf,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// One file of the archive.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    /// Where its own header stands.
    header: usize,
    packed: bool,
    /// Its bytes in the archive.
    length: usize,
    /// Its bytes unpacked.
    unpacked: usize,
    checksum: u32,
}

impl Npz {
    /// Reads the file and its list of arrays.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Malformed`](Error::Malformed) if it is not a
    /// zip archive, or one of 4 GiB and more, or has two arrays of one name.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let entries = entries(&bytes).map_err(|error| in_file(path, error))?;
        Ok(Self { path: path.to_owned(), bytes, entries })
    }

    /// The names of the arrays.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The array `name` as samples: see [`npy`](super::npy).
    ///
    /// # Errors
    ///
    /// [`Error::File`] with the path and the array's name, and what is wrong with it: [`Error::Format`] if there is none
    /// of that name or its checksum is another, and those of [`npy`](super::npy).
    pub fn batch<S: Shape, E: Element>(&self, name: &str) -> Result<Batch<S, E>, Error> {
        self.read(name, npy::batch)
    }

    /// The array `name` as labels: see [`npy_labels`](super::npy_labels).
    ///
    /// # Errors
    ///
    /// Those of [`batch`](Npz::batch) and of [`npy_labels`](super::npy_labels).
    pub fn labels<const CLASSES: usize>(&self, name: &str) -> Result<Labels<CLASSES>, Error> {
        self.read(name, npy::labels)
    }

    /// The samples in one array with the labels in another.
    ///
    /// # Errors
    ///
    /// Those of [`batch`](Npz::batch) and of [`npy_labels`](super::npy_labels), [`Error::Samples`] if the two differ in
    /// number, [`Error::Format`] if there are none.
    pub fn dataset<S: Shape, const CLASSES: usize, E: Element>(
        &self,
        samples: &str,
        labels: &str,
    ) -> Result<Dataset<S, CLASSES, E>, Error> {
        let (inputs, labels) = (self.batch(samples)?, self.labels(labels)?);
        if inputs.is_empty() {
            return self.inside(samples, Err(Error::Format { reason: "there are no samples".to_owned() }));
        }
        Dataset::new(inputs, labels).map_err(|error| in_file(&self.path, error))
    }

    fn read<T>(&self, name: &str, parse: fn(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else {
            let reason =
                format!("there is no array `{name}`; there are: {}", self.names().collect::<Vec<_>>().join(", "));
            return Err(in_file(&self.path, Error::Format { reason }));
        };
        self.inside(name, entry.unpack(&self.bytes).and_then(|bytes| parse(&bytes)))
    }

    /// Every array's name and its `.npy` file.
    pub(crate) fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let file = |entry: &Entry| Ok((entry.name.clone(), self.inside(&entry.name, entry.unpack(&self.bytes))?));
        self.entries.iter().map(file).collect()
    }

    /// The same, an error with the path and the array's name.
    pub(crate) fn inside<T>(&self, name: &str, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| in_file(&self.path.join(format!("{name}.npy")), error))
    }
}

impl Entry {
    fn unpack(&self, archive: &[u8]) -> Result<Vec<u8>, Error> {
        const HEADER: usize = 30;
        let malformed =
            |offset: usize, reason: &str| Error::Malformed { place: place(offset), reason: reason.to_owned() };
        let header = part(archive, self.header, HEADER)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(malformed(self.header, "no file of a zip archive begins here"));
        }
        let start = self.header + HEADER + number16(header, 26) + number16(header, 28);
        let stored = part(archive, start, self.length)?;
        let mut bytes = Vec::new();
        if self.packed {
            let limit = self.unpacked as u64 + 1; // one more tells a longer one
            let unpacking = DeflateDecoder::new(stored).take(limit).read_to_end(&mut bytes);
            unpacking.map_err(|error| malformed(start, &format!("the packed data is corrupt: {error}")))?;
        } else {
            bytes.extend_from_slice(stored);
        }
        if bytes.len() != self.unpacked {
            let (expected, found) = (self.unpacked as u64, bytes.len() as u64);
            return Err(Error::Mismatch { place: place(start), what: "the unpacked length in bytes", expected, found });
        }
        let mut checksum = Crc::new();
        checksum.update(&bytes);
        if checksum.sum() != self.checksum {
            let (expected, found) = (u64::from(self.checksum), u64::from(checksum.sum()));
            return Err(Error::Mismatch { place: place(start), what: "the checksum", expected, found });
        }
        Ok(bytes)
    }
}

/// The list at the end of a zip archive (APPNOTE.TXT, 4.3.12 and 4.3.16).
fn entries(archive: &[u8]) -> Result<Vec<Entry>, Error> {
    const END: usize = 22;
    const ENTRY: usize = 46;
    let malformed = |offset: usize, reason: String| Error::Malformed { place: place(offset), reason };
    let last = archive.len().checked_sub(END);
    let ends = last.into_iter().flat_map(|last| (last.saturating_sub(usize::from(u16::MAX))..=last).rev());
    let Some(end) = ends.into_iter().find(|&at| archive[at..].starts_with(b"PK\x05\x06")) else {
        return Err(malformed(archive.len(), "the file does not end as a zip archive does".to_owned()));
    };
    let count = number16(&archive[end..], 10);
    let mut at = number32(&archive[end..], 16);
    let mut entries = Vec::new();
    for _ in 0..count {
        let header = part(archive, at, ENTRY)?;
        if !header.starts_with(b"PK\x01\x02") {
            return Err(malformed(at, "no entry of a zip archive's list begins here".to_owned()));
        }
        let [name_length, extra, comment] = [28, 30, 32].map(|offset| number16(header, offset));
        let name = String::from_utf8_lossy(part(archive, at + ENTRY, name_length)?).into_owned();
        let packed = match number16(header, 10) {
            0 => false,
            8 => true,
            method => {
                return Err(malformed(at, format!("`{name}` is packed by method {method}, which is not deflate")));
            }
        };
        let [checksum, length, unpacked, start] = [16, 20, 24, 42].map(|offset| number32(header, offset));
        if [length, unpacked, start].contains(&(u32::MAX as usize)) {
            return Err(malformed(at, format!("`{name}` lies beyond 4 GiB; save such an array as a .npy file")));
        }
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        if entries.iter().any(|entry: &Entry| entry.name == name) {
            return Err(malformed(at, format!("there are two arrays `{name}`")));
        }
        let checksum = u32::try_from(checksum).expect("it was read as one");
        entries.push(Entry { name, header: start, packed, length, unpacked, checksum });
        at += ENTRY + name_length + extra + comment;
    }
    Ok(entries)
}

fn place(offset: usize) -> Place {
    Place::Byte(offset as u64)
}

/// A part of the archive, or where the archive ends too early for it.
fn part(archive: &[u8], start: usize, length: usize) -> Result<&[u8], Error> {
    let end = start.saturating_add(length);
    archive.get(start..end).ok_or(Error::Mismatch {
        place: place(archive.len()),
        what: "the length in bytes",
        expected: end as u64,
        found: archive.len() as u64,
    })
}

/// Two bytes of a header, the lowest first.
fn number16(header: &[u8], offset: usize) -> usize {
    usize::from(u16::from_le_bytes([header[offset], header[offset + 1]]))
}

/// Four bytes of a header, the lowest first.
fn number32(header: &[u8], offset: usize) -> usize {
    number16(header, offset) + (number16(header, offset + 2) << 16)
}
