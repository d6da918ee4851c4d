//! Readers of data files: what is right comes in with exact values, what is wrong is refused with place and numbers, and
//! nothing makes them panic.

mod bytes;
mod cifar;
mod csv;
mod idx;
mod npy;
mod npz;
mod pictures;
mod weights;

use std::fmt::Debug;

use shapewright::Error;

/// What is wrong with a file, without its path.
fn reason<T: Debug>(result: Result<T, Error>) -> String {
    match result.unwrap_err() {
        Error::File { source, .. } => source.to_string(),
        error => panic!("{error} does not name a file"),
    }
}
