//! Numbers in files.

#[cfg(any(feature = "safetensors", feature = "plot", feature = "data"))]
mod replace;
#[cfg(any(feature = "safetensors", feature = "plot", feature = "data"))]
mod whole;

#[cfg(any(feature = "safetensors", feature = "data"))]
pub(crate) mod number;
#[cfg(any(feature = "safetensors", feature = "data"))]
mod tensors;

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
#[cfg(feature = "data")]
mod npz;
#[cfg(feature = "safetensors")]
pub(crate) mod text;
#[cfg(feature = "safetensors")]
mod weights;

#[cfg(feature = "safetensors")]
pub use card::Card;
#[cfg(feature = "safetensors")]
pub use embed::Embedded;
#[cfg(any(feature = "safetensors", feature = "data"))]
pub use tensors::Loaded;

#[cfg(any(feature = "safetensors", feature = "plot"))]
pub(crate) use whole::read;
#[cfg(any(feature = "safetensors", feature = "plot", feature = "data"))]
pub(crate) use whole::write;
