//! The bytes of a data file, packed by gzip or not.

use core::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::Place;
use crate::error::Error;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A data file that is being read: how far, and whether it is packed.
///
/// Memory grows with the bytes that are there, never by a count that a file states.
pub(super) struct Contents {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    packed: bool,
    offset: u64,
}

/// What `parse` makes of a file, all of it. Errors name the file.
pub(super) fn read<T>(path: &Path, parse: impl FnOnce(&mut Contents) -> Result<T, Error>) -> Result<T, Error> {
    start(path, |contents| parse(contents).and_then(|value| contents.finish().map(|()| value)))
}

/// What `parse` makes of the beginning of a file.
pub(super) fn start<T>(path: &Path, parse: impl FnOnce(&mut Contents) -> Result<T, Error>) -> Result<T, Error> {
    parse(&mut Contents::open(path)?).map_err(|error| in_file(path, error))
}

/// The error, and the file in which it was found.
pub(super) fn in_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Io { .. } | Error::File { .. } => error,
        error => Error::File { path: path.to_owned(), source: Box::new(error) },
    }
}

/// Why a label is refused.
pub(super) fn no_class(place: Place, label: impl Display, classes: usize) -> Error {
    let reason = format!("label {label} is not one of {classes} classes, 0 to {}", classes.saturating_sub(1));
    Error::Malformed { place, reason }
}

/// Why a set without samples is refused.
pub(super) fn no_samples(place: Place) -> Error {
    Error::Malformed { place, reason: "there are no samples".to_owned() }
}

impl Contents {
    fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Io { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let packed = file.fill_buf().map_err(failed)?.starts_with(&GZIP);
        let reader: Box<dyn BufRead> =
            if packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        Ok(Self { path: path.to_owned(), reader, packed, offset: 0 })
    }

    /// Whether the file is packed by gzip.
    pub(super) fn packed(&self) -> bool {
        self.packed
    }

    /// How many bytes have been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the next byte stands.
    pub(super) fn place(&self) -> Place {
        self.place_at(self.offset)
    }

    pub(super) fn place_at(&self, offset: u64) -> Place {
        if self.packed { Place::Unpacked(offset) } else { Place::Byte(offset) }
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: u64) -> Result<Vec<u8>, Error> {
        let expected = self.offset.saturating_add(count);
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(count).read_to_end(&mut bytes);
        self.offset += bytes.len() as u64;
        read.map_err(|error| self.failed(error))?;
        self.check_length(expected, self.offset)?;
        Ok(bytes)
    }

    /// The next four bytes as a number, the highest first.
    pub(super) fn number(&mut self) -> Result<u32, Error> {
        let bytes = self.take(4)?;
        Ok(bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }

    /// The bytes up to the next line feed, which is read too, or to the end; `None` at the end.
    pub(super) fn line(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = Vec::new();
        let read = self.reader.read_until(b'\n', &mut bytes);
        self.offset += bytes.len() as u64;
        let length = read.map_err(|error| self.failed(error))?;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Ok((length > 0).then_some(bytes))
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.reader.read_to_end(&mut bytes);
        self.offset += bytes.len() as u64;
        read.map_err(|error| self.failed(error))?;
        Ok(bytes)
    }

    /// Fails if there is more.
    fn finish(&mut self) -> Result<(), Error> {
        let rest = io::copy(&mut self.reader, &mut io::sink()).map_err(|error| self.failed(error))?;
        self.check_length(self.offset, self.offset + rest)
    }

    /// Fails if a file that must be `expected` bytes is `found`.
    pub(super) fn check_length(&self, expected: u64, found: u64) -> Result<(), Error> {
        let place = self.place_at(expected.min(found));
        if expected == found {
            Ok(())
        } else {
            Err(Error::Mismatch { place, what: "the length in bytes", expected, found })
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        let malformed = |reason| Error::Malformed { place: self.place(), reason };
        match error.kind() {
            ErrorKind::UnexpectedEof if self.packed => malformed("the gzip data breaks off".to_owned()),
            ErrorKind::InvalidData | ErrorKind::InvalidInput if self.packed => {
                malformed(format!("the gzip data is corrupt: {error}"))
            }
            _ => Error::Io { path: self.path.clone(), source: error },
        }
    }
}
