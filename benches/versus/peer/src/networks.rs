//! Whole networks: `NAME:SAMPLES`.

use std::time::Duration;

use shapewright::prelude::*;
use shapewright::{Loss, Network, OutputOf, Shape};

use crate::inputs;
use crate::protocol::time;

net! { D1: Image<3, 32, 32> => Vector<10> = conv(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense(10) }

net! { D2: Image<1, 28, 28> => Vector<10> =
conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
>> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10) }

net! { D3: Image<3, 32, 32> => Vector<10> =
conv(3=>32, k3, pad1) >> relu >> conv(32=>32, k3, pad1) >> relu >> pool2
>> conv(32=>64, k3, pad1) >> relu >> conv(64=>64, k3, pad1) >> relu >> pool2
>> flatten >> dense(128) >> relu >> dense(10) }

/// A network with its data, whatever its type.
pub trait Subject {
    /// One step of stochastic gradient descent; returns the loss before it.
    fn step(&mut self) -> f32;
    fn time_step(&mut self) -> Duration;
    fn logits(&self) -> Vec<f32>;
    fn time_inference(&self) -> Duration;
}

/// The network and batch of `NAME:SAMPLES`.
pub fn find(case: &str, learning_rate: f64) -> Option<Box<dyn Subject>> {
    let (name, samples) = case.split_once(':')?;
    let samples = samples.parse().ok()?;
    Some(match name {
        "D1" => data(D1, samples, learning_rate),
        "D2" => data(D2, samples, learning_rate),
        "D3" => data(D3, samples, learning_rate),
        _ => return None,
    })
}

fn data<N: Network + 'static>(network: N, samples: usize, learning_rate: f64) -> Box<dyn Subject>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<10>>,
{
    let mut model = Model::new(network, 0);
    let named: Vec<_> = model.params().map(|param| (param.name.to_owned(), param.dims.to_vec())).collect();
    for (name, dims) in named {
        let (stage, kind) = name.split_once('.').expect("a stage and a parameter");
        let seed = 100 + 2 * stage.parse::<u32>().expect("stages without labels are numbered");
        let length = dims.iter().product();
        let values = match kind {
            "weight" => inputs::weight(seed, length, dims[1..].iter().product()),
            _ => inputs::bias(seed + 1, length),
        };
        model.param_mut(&name).expect("a name of its own").values.copy_from_slice(&values);
    }
    let x = inputs::values(7, samples * N::Input::LEN, 2.0);
    Box::new(Data {
        model,
        x: Batch::from_vec(samples, x).expect("as many values as asked for"),
        labels: Labels::new(&inputs::labels(samples)).expect("labels below 10"),
        optimizer: Sgd::new(learning_rate).momentum(0.9),
    })
}

struct Data<N: Network> {
    model: Model<N>,
    x: Batch<N::Input>,
    labels: Labels<10>,
    optimizer: Sgd,
}

impl<N: Network> Subject for Data<N>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<10>>,
{
    fn step(&mut self) -> f32 {
        self.model.step(&self.x, &self.labels, &CrossEntropy, &mut self.optimizer).expect("a finite loss")
    }

    fn time_step(&mut self) -> Duration {
        time(|| self.step())
    }

    fn logits(&self) -> Vec<f32> {
        self.model.forward(&self.x).as_slice().to_vec()
    }

    fn time_inference(&self) -> Duration {
        time(|| self.model.forward(&self.x))
    }
}
