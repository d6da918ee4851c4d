//! Whole networks.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use common::cases::{MOMENTUM, Subject};
use common::inputs::{self, Layer};

use crate::{finish, tensor, values};

/// The layers that have parameters, in their order: convolutions before dense ones.
#[derive(Module, Debug)]
struct Network {
    convolutions: Vec<Conv2d>,
    dense: Vec<Linear>,
    pool: MaxPool2d,
}

impl Network {
    fn new(layers: &[Layer], device: &Device) -> Self {
        let (mut convolutions, mut dense) = (Vec::new(), Vec::new());
        let weighted = layers.iter().filter_map(|layer| Some((layer, layer.weight_dims()?)));
        for (index, (layer, dims)) in weighted.enumerate() {
            let (weight, bias) = inputs::parameters(index, &dims);
            let bias = Some(Param::from_tensor(tensor(bias, [dims[0]], device)));
            match *layer {
                Layer::Conv { channels, filters, kernel, padding } => {
                    let padding = PaddingConfig2d::Explicit(padding, padding, padding, padding);
                    let config = Conv2dConfig::new([channels, filters], [kernel; 2]).with_padding(padding);
                    let weight = Param::from_tensor(tensor(weight, [filters, channels, kernel, kernel], device));
                    convolutions.push(Conv2d { weight, bias, ..config.init(device) });
                }
                Layer::Dense { inputs, outputs } => {
                    // Burn's dense weights are (inputs, outputs).
                    let weight = Param::from_tensor(tensor(weight, [outputs, inputs], device).transpose());
                    dense.push(Linear { weight, bias, ..LinearConfig::new(inputs, outputs).init(device) });
                }
                Layer::Relu | Layer::Pool | Layer::Flatten => unreachable!("they have no parameters"),
            }
        }
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        Self { convolutions, dense, pool }
    }

    fn forward(&self, layers: &[Layer], mut x: Tensor<4>) -> Tensor<2> {
        let (mut convolutions, mut dense) = (self.convolutions.iter(), self.dense.iter());
        let flatten = layers.iter().position(|layer| matches!(layer, Layer::Flatten)).expect("images are flattened");
        for layer in &layers[..flatten] {
            x = match layer {
                Layer::Conv { .. } => convolutions.next().expect("as many as listed").forward(x),
                Layer::Pool => self.pool.forward(x),
                _ => relu(x),
            };
        }
        layers[flatten + 1..].iter().fold(x.flatten(1, 3), |x, layer| match layer {
            Layer::Dense { .. } => dense.next().expect("as many as listed").forward(x),
            _ => relu(x),
        })
    }
}

/// A network with its data.
pub struct Data {
    layers: Vec<Layer>,
    network: Network,
    x: Tensor<4>,
    /// The network on the device that records; an update takes it and gives it back.
    training: Option<Network>,
    training_x: Tensor<4>,
    labels: Tensor<1, Int>,
    optimizer: ModuleOptimizer,
    learning_rate: f64,
}

impl Data {
    pub fn new([channels, rows, columns]: [usize; 3], layers: Vec<Layer>, samples: usize, learning_rate: f64) -> Self {
        let (device, recording) = (Device::flex(), Device::flex().autodiff());
        let x = inputs::network_x(samples, channels * rows * columns);
        let x = tensor(x, [samples, channels, rows, columns], &device);
        let labels: Vec<i64> = inputs::labels(samples).map(i64::from).collect();
        let momentum = MomentumConfig::new().with_momentum(MOMENTUM).with_dampening(0.0);
        Self {
            network: Network::new(&layers, &device),
            training: Some(Network::new(&layers, &recording)),
            layers,
            training_x: x.clone().autodiff(),
            x,
            labels: Tensor::from_data(TensorData::new(labels, [samples]), &recording),
            optimizer: SgdConfig::new().with_momentum(Some(momentum)).init(),
            learning_rate,
        }
    }
}

impl Subject for Data {
    fn step(&mut self) -> Option<f32> {
        let network = self.training.take()?;
        let device = self.training_x.device();
        let logits = network.forward(&self.layers, self.training_x.clone());
        let loss = CrossEntropyLossConfig::new().init(&device).forward(logits, self.labels.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        self.training = Some(self.optimizer.step(self.learning_rate, network, gradients));
        let loss = values(loss)[0];
        finish(&device);
        Some(loss)
    }

    fn logits(&self) -> Vec<f32> {
        values(self.network.forward(&self.layers, self.x.clone()))
    }
}
