//! Single layers.

use std::time::Duration;

use candle_core::{Result, Tensor, Var};
use common::cases::Single;
use common::inputs::{self, Convolution};
use common::protocol::{Named, time};

use crate::{tensor, values};

/// A layer as a function of the tensors whose gradients are wanted.
pub struct Layer<F> {
    forward: F,
    variables: Vec<(&'static str, Var)>,
    /// The output of the variables: candle can go backward through it again and again.
    y: Tensor,
    dy: Tensor,
}

impl<F: Fn(&[Tensor]) -> Result<Tensor>> Layer<F> {
    fn new(forward: F, variables: Vec<(&'static str, Tensor)>, dy: Tensor) -> Result<Self> {
        let variables = variables.into_iter().map(|(name, value)| Ok((name, Var::from_tensor(&value)?)));
        let variables = variables.collect::<Result<Vec<_>>>()?;
        let tracked: Vec<Tensor> = variables.iter().map(|(_, variable)| variable.as_tensor().clone()).collect();
        Ok(Self { y: forward(&tracked)?, forward, variables, dy })
    }

    fn gradients(&self) -> Result<Vec<Named>> {
        let gradients = (&self.y * &self.dy)?.sum_all()?.backward()?;
        let of = |variable: &Var| values(gradients.get(variable.as_tensor()).expect("a gradient"));
        self.variables.iter().map(|(name, variable)| Ok((*name, of(variable)?))).collect()
    }
}

pub fn convolution(size: &Convolution) -> Result<Box<dyn Single>> {
    let (padding, stride) = (size.padding, size.stride);
    let forward = move |given: &[Tensor]| given[0].conv2d(&given[1], padding, stride, 1, 1)?.broadcast_add(&given[2]);
    let variables = vec![
        ("dx", tensor(size.x(), &size.x_dims())?),
        ("dw", tensor(size.weight(), &size.weight_dims())?),
        ("db", tensor(size.bias(), &[1, size.filters, 1, 1])?),
    ];
    Ok(Box::new(Layer::new(forward, variables, tensor(size.dy(), &size.y_dims())?)?))
}

pub fn pool([samples, channels, rows, columns]: [usize; 4]) -> Result<Box<dyn Single>> {
    let (x, y) = ([samples, channels, rows, columns], [samples, channels, rows / 2, columns / 2]);
    let variables = vec![("dx", tensor(inputs::layer_x(x), &x)?)];
    Ok(Box::new(Layer::new(|given: &[Tensor]| given[0].max_pool2d(2), variables, tensor(inputs::layer_dy(y), &y)?)?))
}

impl<F: Fn(&[Tensor]) -> Result<Tensor>> Single for Layer<F> {
    fn time_forward(&self) -> Duration {
        let detached: Vec<Tensor> = self.variables.iter().map(|(_, variable)| variable.as_detached_tensor()).collect();
        time(|| (self.forward)(&detached).expect("candle goes forward"))
    }

    fn time_backward(&mut self) -> Option<Duration> {
        // Of the sum of the output: candle takes no upstream gradient, and writes ones.
        Some(time(|| self.y.backward().expect("candle goes backward")))
    }

    fn results(&mut self) -> Vec<Named> {
        let y = ("y", values(&self.y).expect("values"));
        std::iter::once(y).chain(self.gradients().expect("candle goes backward")).collect()
    }
}
