//! Whole networks.

use candle_core::{Device, Result, Tensor, Var};
use common::cases::{MOMENTUM, Subject};
use common::inputs::{self, Layer};

use crate::{tensor, values};

/// A network with its data.
pub struct Data {
    layers: Vec<(Layer, Option<[Var; 2]>)>,
    /// A velocity for each variable: candle's own optimizer has no momentum, so this is PyTorch's rule.
    velocities: Vec<Tensor>,
    learning_rate: f64,
    x: Tensor,
    labels: Tensor,
}

impl Data {
    pub fn new(sample: [usize; 3], layers: Vec<Layer>, samples: usize, learning_rate: f64) -> Result<Self> {
        let mut indices = 0..;
        let layers = layers.into_iter().map(|layer| {
            let Some(dims) = layer.weight_dims() else { return Ok((layer, None)) };
            let (weight, bias) = inputs::parameters(indices.next().expect("no end"), &dims);
            let bias_dims: &[usize] = if dims.len() == 4 { &[1, dims[0], 1, 1] } else { &[dims[0]] };
            let variables = [tensor(weight, &dims)?, tensor(bias, bias_dims)?];
            let [weight, bias] = variables.map(|value| Var::from_tensor(&value));
            Ok((layer, Some([weight?, bias?])))
        });
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let variables = layers.iter().flat_map(|(_, variables)| variables.iter().flatten());
        let velocities = variables.map(|variable| variable.as_detached_tensor().zeros_like()).collect::<Result<_>>()?;
        let x = inputs::network_x(samples, sample.iter().product());
        let x = tensor(x, &[samples, sample[0], sample[1], sample[2]])?;
        let labels = Tensor::from_vec(inputs::labels(samples).collect(), samples, &Device::Cpu)?;
        Ok(Self { layers, velocities, learning_rate, x, labels })
    }

    fn forward(&self, parameter: impl Fn(&Var) -> Tensor) -> Result<Tensor> {
        self.layers.iter().try_fold(self.x.clone(), |x, (layer, variables)| {
            let given = variables.as_ref().map(|variables| variables.each_ref().map(&parameter));
            match (layer, given) {
                (Layer::Conv { padding, .. }, Some([weight, bias])) => {
                    x.conv2d(&weight, *padding, 1, 1, 1)?.broadcast_add(&bias)
                }
                (Layer::Dense { .. }, Some([weight, bias])) => x.matmul(&weight.t()?)?.broadcast_add(&bias),
                (Layer::Pool, _) => x.max_pool2d(2),
                (Layer::Flatten, _) => x.flatten_from(1),
                _ => x.relu(),
            }
        })
    }

    fn train(&mut self) -> Result<f32> {
        let logits = self.forward(|variable| variable.as_tensor().clone())?;
        let loss = candle_nn::loss::cross_entropy(&logits, &self.labels)?;
        let gradients = loss.backward()?;
        let variables = self.layers.iter().flat_map(|(_, variables)| variables.iter().flatten());
        for (variable, velocity) in variables.zip(&mut self.velocities) {
            // Detached: a gradient of candle's keeps the graph of its step alive.
            let gradient = gradients.get(variable.as_tensor()).expect("a gradient").detach();
            *velocity = ((&*velocity * MOMENTUM)? + gradient)?;
            variable.set(&variable.as_detached_tensor().sub(&(&*velocity * self.learning_rate)?)?)?;
        }
        loss.to_scalar()
    }
}

impl Subject for Data {
    fn step(&mut self) -> Option<f32> {
        Some(self.train().expect("candle trains"))
    }

    fn logits(&self) -> Vec<f32> {
        self.forward(Var::as_detached_tensor).and_then(|logits| values(&logits)).expect("candle evaluates")
    }
}
