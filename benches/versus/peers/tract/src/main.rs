//! tract as a peer, on the models that make_onnx.py has written into the folder `PEER_MODELS`. It goes forward only.

use std::time::Duration;

use common::cases::{Peer, Single, Subject};
use common::inputs::{self, Convolution};
use common::process::threads;
use common::protocol::{Named, time};
use tract_linalg::multithread::{Executor, set_default_executor};
use tract_onnx::prelude::*;

struct Tract {
    models: String,
}

/// A model that is ready to run, with its input.
struct Ready {
    model: Arc<TypedRunnableModel>,
    x: TValue,
}

impl Ready {
    fn new(path: &str, dims: &[usize], x: &[f32]) -> TractResult<Self> {
        let model = tract_onnx::onnx().model_for_path(path)?.with_input_fact(0, f32::fact(dims).into())?;
        Ok(Self { model: model.into_optimized()?.into_runnable()?, x: Tensor::from_shape(dims, x)?.into() })
    }

    fn run(&self) -> TVec<TValue> {
        self.model.run(tvec!(self.x.clone())).expect("tract evaluates")
    }

    /// The output as a copy of its own.
    fn y(&self) -> Vec<f32> {
        self.run()[0].to_plain_array_view::<f32>().expect("values").iter().copied().collect()
    }
}

impl Peer for Tract {
    fn layer(&self, size: &str) -> Option<Box<dyn Single>> {
        let (kind, dims) = match Convolution::plain(size) {
            Some(convolution) => ("conv", convolution.x_dims()),
            None => ("pool", inputs::pool(size)?),
        };
        let path = format!("{}/{kind}_{}.onnx", self.models, size.replace(',', "_"));
        Some(Box::new(Ready::new(&path, &dims, &inputs::layer_x(dims)).expect("tract makes the layer")))
    }

    fn network(&self, name: &str, samples: usize, _learning_rate: f64) -> Option<Box<dyn Subject>> {
        let ([channels, rows, columns], _) = inputs::network(name)?;
        let path = format!("{}/{name}_{samples}.onnx", self.models);
        if !std::path::Path::new(&path).exists() {
            return None; // a case of training
        }
        let x = inputs::network_x(samples, channels * rows * columns);
        let ready = Ready::new(&path, &[samples, channels, rows, columns], &x);
        Some(Box::new(ready.expect("tract makes the network")))
    }
}

impl Single for Ready {
    fn time_forward(&self) -> Duration {
        time(|| self.run())
    }

    fn time_backward(&mut self) -> Option<Duration> {
        None
    }

    fn results(&mut self) -> Vec<Named> {
        vec![("y", self.y())]
    }
}

impl Subject for Ready {
    fn step(&mut self) -> Option<f32> {
        None
    }

    fn logits(&self) -> Vec<f32> {
        self.y()
    }
}

fn main() -> std::io::Result<()> {
    if threads() > 1 {
        set_default_executor(Executor::multithread(threads()));
    }
    let models = std::env::var("PEER_MODELS").expect("the folder of models");
    common::process::run(&Tract { models })
}
