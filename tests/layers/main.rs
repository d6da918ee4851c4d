//! Layers, losses and optimizers beside PyTorch, central differences and published numbers.

#[macro_use]
mod common;

mod activations;
mod convolutions;
mod fixtures;
mod gradients;
mod joints;
mod losses;
mod networks;
mod norms;
mod optimizers;
mod padding;
mod pools;
mod properties;
mod published;
mod regularisers;
mod transposed;
