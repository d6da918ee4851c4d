//! candle as a peer.

mod layers;
mod networks;

use candle_core::{Device, Result, Tensor};
use common::cases::{Peer, Single, Subject};
use common::inputs::{self, Convolution};

struct Candle;

impl Peer for Candle {
    fn layer(&self, size: &str) -> Option<Box<dyn Single>> {
        let layer = match Convolution::plain(size) {
            Some(convolution) => layers::convolution(&convolution),
            None => layers::pool(inputs::pool(size)?),
        };
        Some(layer.expect("candle makes the layer"))
    }

    fn network(&self, name: &str, samples: usize, learning_rate: f64) -> Option<Box<dyn Subject>> {
        let (sample, layers) = inputs::network(name)?;
        let network = networks::Data::new(sample, layers, samples, learning_rate);
        Some(Box::new(network.expect("candle makes the network")))
    }
}

fn main() -> std::io::Result<()> {
    common::process::run(&Candle)
}

fn tensor(values: Vec<f32>, dims: &[usize]) -> Result<Tensor> {
    Tensor::from_vec(values, dims, &Device::Cpu)
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}
