//! Whole files.

use std::path::Path;

use super::replace::replace;
use crate::error::Error;

/// Puts `bytes` at `path`: all of them, or what was there stays.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace(path, bytes).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// What `read` makes of the bytes of a file; its errors name the file.
#[cfg(any(feature = "safetensors", feature = "plot"))]
pub(crate) fn read<T>(path: &Path, read: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    read(&bytes).map_err(|source| Error::File { path: path.to_owned(), source: Box::new(source) })
}
