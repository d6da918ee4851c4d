//! Numbers in files.

mod replace;

#[cfg(feature = "safetensors")]
mod card;
#[cfg(feature = "safetensors")]
pub mod embed;
#[cfg(feature = "safetensors")]
pub(crate) mod file;
#[cfg(feature = "safetensors")]
pub(crate) mod header;
#[cfg(feature = "safetensors")]
mod names;
#[cfg(feature = "safetensors")]
mod number;
#[cfg(feature = "safetensors")]
pub(crate) mod text;
#[cfg(feature = "safetensors")]
mod weights;

#[cfg(feature = "safetensors")]
pub use card::Card;
#[cfg(feature = "safetensors")]
pub use embed::Embedded;
#[cfg(feature = "safetensors")]
pub use weights::Loaded;

use std::fs;
use std::path::Path;

use crate::error::Error;

/// Puts `bytes` at `path`: all of them, or what was there stays.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace::replace(path, bytes).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// What `read` makes of the bytes of a file; its errors name the file.
pub(crate) fn read<T>(path: &Path, read: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    read(&bytes).map_err(|source| Error::File { path: path.to_owned(), source: Box::new(source) })
}
