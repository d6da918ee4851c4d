//! Single layers: `samples,channels,rows,columns,filters,kernel,stride,padding[,groups]` for a convolution, with a stride of
//! 1/2 for a transposed one, and `samples,channels,rows,columns` for a 2×2 max pool.

use std::time::Duration;

use common::cases::Single;
use common::inputs::{self, Convolution};
use common::protocol::{Named, time};
use rayon::prelude::*;
use shapewright::layer::{Backward, Direction, Mode, Preparation, Run};
use shapewright::prelude::*;
use shapewright::{Network, OutputOf, Shape};

/// The layer of this size. Sizes are types, so those to be compared are listed here as in `../../../python/cases.py`.
pub fn find(size: &str) -> Option<Box<dyn Single>> {
    Some(match size {
        "100,3,31,31,25,3,2,1" => data(size, net!(Image<3, 31, 31> => conv(3=>25, k3, s2, pad1))),
        "64,3,32,32,32,5,1,2" | "1,3,32,32,32,5,1,2" => data(size, net!(Image<3, 32, 32> => conv(3=>32, k5, pad2))),
        "64,1,28,28,6,5,1,2" => data(size, net!(Image<1, 28, 28> => conv(1=>6, k5, pad2))),
        "32,64,28,28,64,3,1,1" | "1,64,28,28,64,3,1,1" => data(size, net!(Image<64, 28, 28> => conv(64=>64, k3, pad1))),
        "8,128,14,14,128,3,1,1" => data(size, net!(Image<128, 14, 14> => conv(128=>128, k3, pad1))),
        "32,64,28,28,128,3,2,1" => data(size, net!(Image<64, 28, 28> => conv(64=>128, k3, s2, pad1))),
        "32,64,28,28,128,1,1,0" => data(size, net!(Image<64, 28, 28> => conv(64=>128, k1))),
        "32,32,56,56,32,3,1,1,32" => data(size, net!(Image<32, 56, 56> => depthwise(k3, pad1))),
        "32,32,56,56,32,3,2,1,32" => data(size, net!(Image<32, 56, 56> => depthwise(k3, s2, pad1))),
        "32,128,14,14,128,3,1,1,128" => data(size, net!(Image<128, 14, 14> => depthwise(k3, pad1))),
        "32,128,14,14,128,3,2,1,128" => data(size, net!(Image<128, 14, 14> => depthwise(k3, s2, pad1))),
        "32,64,14,14,32,3,1/2,1" => {
            data(size, net!(Image<64, 14, 14> => conv_transpose(64=>32, k3, s2, pad1, output_pad1)))
        }
        "32,64,14,14,32,4,1/2,1" => data(size, net!(Image<64, 14, 14> => conv_transpose(64=>32, k4, s2, pad1))),
        "32,64,1,256,64,5,1,2" => data(size, net!(Sequence<64, 256> => conv(64=>64, k5, pad2))),
        "32,64,1,256,128,3,2,1" => data(size, net!(Sequence<64, 256> => conv(64=>128, k3, s2, pad1))),
        "100,3,32,32" => data(size, net!(Image<3, 32, 32> => pool2)),
        "64,32,32,32" => data(size, net!(Image<32, 32, 32> => pool2)),
        _ => return None,
    })
}

fn data<N: Network + 'static>(size: &str, network: N) -> Box<dyn Single> {
    let mut model = Model::new(network, 0);
    let dims = match Convolution::parse(size) {
        Some(convolution) => {
            model.param_mut("0.weight").expect("a weight").values.copy_from_slice(&convolution.weight());
            model.param_mut("0.bias").expect("a bias").values.copy_from_slice(&convolution.bias());
            convolution.x_dims()
        }
        None => inputs::pool(size).expect("the sizes of a pool"),
    };
    let samples = dims[0];
    let x = Batch::from_vec(samples, inputs::layer_x(dims)).expect("as many values as asked for");
    let dy = inputs::layer_dy([samples, OutputOf::<N>::LEN, 1, 1]);
    let y = model.forward(&x);
    let lanes = samples.div_ceil(lane_samples(samples));
    Box::new(Data {
        dx: vec![0.0; x.as_slice().len()],
        gradients: vec![vec![0.0; N::PARAMS]; lanes],
        scratch: vec![vec![0.0; N::SCRATCH.elements(tile::<N>())]; lanes],
        prepared: vec![0.0; N::PREPARED.backward],
        x,
        y,
        dy,
        model,
    })
}

struct Data<N: Network> {
    model: Model<N>,
    x: Batch<N::Input>,
    y: Batch<OutputOf<N>>,
    dy: Vec<f32>,
    // What `Model` keeps from step to step.
    dx: Vec<f32>,
    gradients: Vec<Vec<f32>>,
    scratch: Vec<Vec<f32>>,
    prepared: Vec<f32>,
}

/// Samples of a lane: batches are cut as `Model` cuts them.
fn lane_samples(samples: usize) -> usize {
    samples.div_ceil(8).max(4)
}

/// Samples that run at once: as many as `Model` takes.
const fn tile<N: Network>() -> usize {
    let fitting = 128 * 1024 / (N::Input::LEN + OutputOf::<N>::LEN);
    match fitting {
        0 => 1,
        1..=16 => fitting,
        _ => 16,
    }
}

impl<N: Network> Data<N> {
    /// dx, and dw before db in the first lane's gradients, by the layer's own backward pass: `Model::backward` would run forward
    /// besides.
    fn backward(&mut self) {
        let (inputs, outputs) = (N::Input::LEN, OutputOf::<N>::LEN);
        let lane = lane_samples(self.x.len());
        let run = Run::alone(Mode::Train, (rayon::current_num_threads() / self.scratch.len()).max(1));
        let (network, parameters) = (self.model.network(), self.model.parameters());
        network.prepare(Preparation::alone(Direction::Backward, parameters, &[], &mut self.prepared));
        let prepared = &self.prepared;
        let x = self.x.as_slice().par_chunks(lane * inputs);
        let y = self.y.as_slice().par_chunks(lane * outputs);
        let dy = self.dy.par_chunks_mut(lane * outputs);
        let dx = self.dx.par_chunks_mut(lane * inputs);
        let lanes = (dx, x, y, dy, &mut self.gradients, &mut self.scratch).into_par_iter();
        lanes.for_each(|(dx, x, y, dy, gradients, scratch)| {
            gradients.fill(0.0);
            let x = x.chunks(tile::<N>() * inputs).zip(dx.chunks_mut(tile::<N>() * inputs));
            let y = y.chunks(tile::<N>() * outputs).zip(dy.chunks_mut(tile::<N>() * outputs));
            for ((x, dx), (activated, dy)) in x.zip(y) {
                network.backward(Backward {
                    run,
                    samples: x.len() / inputs,
                    parameters,
                    prepared,
                    state: &[],
                    x,
                    activated,
                    saved: &[],
                    dy,
                    dx: Some(dx),
                    gradients,
                    scratch,
                });
            }
        });
        let (sums, others) = self.gradients.split_first_mut().expect("a batch has samples");
        for lane in others {
            sums.iter_mut().zip(lane).for_each(|(sum, part)| *sum += *part);
        }
    }
}

impl<N: Network> Single for Data<N> {
    fn time_forward(&self) -> Duration {
        time(|| self.model.forward(&self.x))
    }

    fn time_backward(&mut self) -> Option<Duration> {
        Some(time(|| self.backward()))
    }

    fn results(&mut self) -> Vec<Named> {
        self.backward();
        let mut dw = self.gradients[0].clone();
        let db = dw.split_off(self.model.param("0.weight").map_or(0, |weight| weight.values.len()));
        let mut results = vec![("y", self.y.as_slice().to_vec()), ("dx", self.dx.clone())];
        if N::PARAMS > 0 {
            results.extend([("dw", dw), ("db", db)]);
        }
        results
    }
}
