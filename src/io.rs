//! Numbers in files.

#[cfg(any(feature = "safetensors", feature = "plot"))]
mod replace;
#[cfg(any(feature = "safetensors", feature = "plot"))]
mod whole;

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

#[cfg(any(feature = "safetensors", feature = "plot"))]
pub(crate) use whole::{read, write};
