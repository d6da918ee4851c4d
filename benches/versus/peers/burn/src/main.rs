//! Burn as a peer, with its processor backend flex.

mod layers;
mod networks;

use burn::prelude::*;
use common::cases::{Peer, Single, Subject};
use common::inputs::{self, Convolution};

struct Burn;

impl Peer for Burn {
    fn layer(&self, size: &str) -> Option<Box<dyn Single>> {
        Some(match Convolution::plain(size) {
            Some(convolution) => layers::convolution(convolution),
            None => layers::pool(inputs::pool(size)?),
        })
    }

    fn network(&self, name: &str, samples: usize, learning_rate: f64) -> Option<Box<dyn Subject>> {
        let (sample, layers) = inputs::network(name)?;
        Some(Box::new(networks::Data::new(sample, layers, samples, learning_rate)))
    }
}

fn main() -> std::io::Result<()> {
    common::process::run(&Burn)
}

fn tensor<const D: usize>(values: Vec<f32>, dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, dims), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("values in f32")
}

/// Waits until everything is calculated.
fn finish(device: &Device) {
    device.sync().expect("the processor finishes");
}
