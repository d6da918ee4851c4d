//! Data, training, files and pictures.

mod augment;
mod checks;
mod data;
mod files;
mod folder;
mod loaders;
mod plot;
mod pytorch;
mod sources;
mod tensorboard;
mod trainer;
