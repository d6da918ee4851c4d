//! Single layers.

use std::time::Duration;

use burn::nn::pool::MaxPool2dConfig;
use burn::prelude::*;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use common::cases::Single;
use common::inputs::{self, Convolution};
use common::protocol::{Named, time};

use crate::{finish, tensor, values};

/// What a layer is given; a pool has no parameters.
#[derive(Clone)]
struct Given {
    x: Tensor<4>,
    parameters: Option<(Tensor<4>, Tensor<1>)>,
}

/// A layer with its data.
struct Layer<F> {
    forward: F,
    given: Given,
    dy: Tensor<4>,
    device: Device,
}

pub fn convolution(size: Convolution) -> Box<dyn Single> {
    let device = Device::flex();
    let parameters = (tensor(size.weight(), size.weight_dims(), &device), tensor(size.bias(), [size.filters], &device));
    let options = ConvOptions::new([size.stride; 2], [size.padding; 2], [1, 1], 1);
    let forward = move |Given { x, parameters }: Given| {
        let (weight, bias) = parameters.expect("a convolution has parameters");
        conv2d(x, weight, Some(bias), options.clone())
    };
    let given = Given { x: tensor(size.x(), size.x_dims(), &device), parameters: Some(parameters) };
    Box::new(Layer { forward, given, dy: tensor(size.dy(), size.y_dims(), &device), device })
}

pub fn pool([samples, channels, rows, columns]: [usize; 4]) -> Box<dyn Single> {
    let device = Device::flex();
    let (x, y) = ([samples, channels, rows, columns], [samples, channels, rows / 2, columns / 2]);
    let forward = |given: Given| MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init().forward(given.x);
    let given = Given { x: tensor(inputs::layer_x(x), x, &device), parameters: None };
    Box::new(Layer { forward, given, dy: tensor(inputs::layer_dy(y), y, &device), device })
}

impl<F: Fn(Given) -> Tensor<4>> Layer<F> {
    /// The same on the device that records, as leaves.
    fn leaves(&self) -> Given {
        let Given { x, parameters } = self.given.clone();
        let record =
            |(weight, bias): (Tensor<4>, Tensor<1>)| (weight.autodiff().require_grad(), bias.autodiff().require_grad());
        Given { x: x.autodiff().require_grad(), parameters: parameters.map(record) }
    }
}

impl<F: Fn(Given) -> Tensor<4>> Single for Layer<F> {
    fn time_forward(&self) -> Duration {
        time(|| {
            let y = (self.forward)(self.given.clone());
            finish(&self.device);
            y
        })
    }

    fn time_backward(&mut self) -> Option<Duration> {
        // Going backward uses the record up: forward is run again outside of the clock. The upstream gradient is ones.
        let leaves = self.leaves();
        let y = (self.forward)(leaves);
        finish(&self.device);
        Some(time(|| {
            let gradients = y.backward();
            finish(&self.device);
            gradients
        }))
    }

    fn results(&mut self) -> Vec<Named> {
        let leaves = self.leaves();
        let y = (self.forward)(leaves.clone());
        let gradients = (y.clone() * self.dy.clone().autodiff()).sum().backward();
        let mut results = vec![("y", values(y)), ("dx", values(leaves.x.grad(&gradients).expect("dx")))];
        if let Some((weight, bias)) = leaves.parameters {
            results.push(("dw", values(weight.grad(&gradients).expect("dw"))));
            results.push(("db", values(bias.grad(&gradients).expect("db"))));
        }
        results
    }
}
