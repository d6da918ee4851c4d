//! Naive loops against the kernels, side by side: `cargo bench`.
//!
//! Criterion times each on its own; at the end both of a pair are timed in turn and their ratio is printed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use shapewright::kernels::conv2d::{self as fast, Conv2dGeometry};
use shapewright::kernels::direct::Direct;
use shapewright::kernels::max_pool2d::{max_pool2d as fast_pool, max_pool2d_backward as fast_pool_backward};
use shapewright::kernels::simd::{Level, Processor};
use shapewright::kernels::window::Window2d;
use shapewright::layer::Direction;
use shapewright::prelude::*;
use shapewright::{Activation, reference};

/// A convolution of a whole batch: inputs, parameters, an upstream gradient, and room for results.
struct Convolution {
    geometry: Conv2dGeometry,
    samples: usize,
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    y: Vec<f32>,
    dy: Vec<f32>,
    dx: Vec<f32>,
    d_weight: Vec<f32>,
    d_bias: Vec<f32>,
    scratch: Vec<f32>,
}

impl Convolution {
    fn new(samples: usize, window: Option<Window2d>, filters: usize) -> Self {
        let window = window.expect("the window fits");
        let geometry = Conv2dGeometry { window, filters, groups: 1 };
        Self {
            samples,
            x: wave(samples * window.input_len()),
            weight: wave(geometry.weight_len()),
            bias: wave(filters),
            y: vec![0.0; samples * geometry.output_len()],
            dy: wave(samples * geometry.output_len()),
            dx: vec![0.0; samples * window.input_len()],
            d_weight: vec![0.0; geometry.weight_len()],
            d_bias: vec![0.0; filters],
            scratch: vec![
                0.0;
                geometry.scratch_len().max(Direct::new(&geometry).map_or(0, |direct| direct.scratch_len()))
            ],
            geometry,
        }
    }

    fn forward(&mut self) {
        let outputs = self.y.chunks_exact_mut(self.geometry.output_len());
        for (x, y) in self.x.chunks_exact(self.geometry.window.input_len()).zip(outputs) {
            fast::conv2d(&self.geometry, &self.weight, &self.bias, x, y, Activation::Identity, &mut self.scratch);
        }
    }

    fn forward_naive(&mut self) {
        let outputs = self.y.chunks_exact_mut(self.geometry.output_len());
        for (x, y) in self.x.chunks_exact(self.geometry.window.input_len()).zip(outputs) {
            reference::conv2d(&self.geometry, &self.weight, &self.bias, x, y);
        }
    }

    fn forward_direct(&mut self, direct: &Direct) {
        let mut packed = vec![0.0; direct.packed().forward];
        direct.pack(Level::best(), Direction::Forward, &self.weight, &mut packed);
        let parameters = (&packed[..], &self.bias[..]);
        direct.forward(Processor::best(1), parameters, &self.x, &mut self.y, Activation::Identity, &mut self.scratch);
    }

    fn backward_direct(&mut self, direct: &Direct) {
        let mut packed = vec![0.0; direct.packed().backward];
        direct.pack(Level::best(), Direction::Backward, &self.weight, &mut packed);
        let gradients = (&mut self.d_weight[..], &mut self.d_bias[..]);
        let (x, dy, dx) = (&self.x, &self.dy, Some(&mut self.dx[..]));
        direct.backward(Processor::best(1), &packed, x, dy, dx, gradients, &mut self.scratch);
    }

    fn backward(&mut self) {
        let (inputs, outputs) = (self.geometry.window.input_len(), self.geometry.output_len());
        for sample in 0..self.samples {
            fast::conv2d_backward(
                &self.geometry,
                &self.weight,
                &self.x[sample * inputs..][..inputs],
                &self.dy[sample * outputs..][..outputs],
                Some(&mut self.dx[sample * inputs..][..inputs]),
                &mut self.d_weight,
                &mut self.d_bias,
                &mut self.scratch,
            );
        }
    }

    fn backward_naive(&mut self) {
        let (inputs, outputs) = (self.geometry.window.input_len(), self.geometry.output_len());
        for sample in 0..self.samples {
            reference::conv2d_backward(
                &self.geometry,
                &self.weight,
                &self.x[sample * inputs..][..inputs],
                &self.dy[sample * outputs..][..outputs],
                Some(&mut self.dx[sample * inputs..][..inputs]),
                &mut self.d_weight,
                &mut self.d_bias,
            );
        }
    }
}

/// A max pool of a whole batch.
struct Pool {
    window: Window2d,
    x: Vec<f32>,
    y: Vec<f32>,
    dy: Vec<f32>,
    dx: Vec<f32>,
}

impl Pool {
    fn new(samples: usize, window: Option<Window2d>) -> Self {
        let window = window.expect("the window fits");
        let outputs = samples * window.channels * window.positions();
        let inputs = samples * window.input_len();
        Self { window, x: wave(inputs), y: vec![0.0; outputs], dy: wave(outputs), dx: vec![0.0; inputs] }
    }

    fn forward(&mut self, pool: impl Fn(&Window2d, &[f32], &mut [f32])) {
        let outputs = self.window.channels * self.window.positions();
        for (x, y) in self.x.chunks_exact(self.window.input_len()).zip(self.y.chunks_exact_mut(outputs)) {
            pool(&self.window, x, y);
        }
    }

    fn backward(&mut self, pool: impl Fn(&Window2d, &[f32], &[f32], &mut [f32])) {
        let outputs = self.window.channels * self.window.positions();
        let inputs =
            self.x.chunks_exact(self.window.input_len()).zip(self.dx.chunks_exact_mut(self.window.input_len()));
        for ((x, dx), dy) in inputs.zip(self.dy.chunks_exact(outputs)) {
            pool(&self.window, x, dy, dx);
        }
    }
}

/// Values that repeat late and tie rarely.
fn wave(length: usize) -> Vec<f32> {
    (0..length).map(|index| ((index * 7919) % 10_007) as f32 / 10_007.0 - 0.5).collect()
}

/// Times both in turn, five rounds, and prints the ratio of the medians.
fn ratio(name: &str, mut naive: impl FnMut(), mut fast: impl FnMut()) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        for (times, run) in times.iter_mut().zip([&mut naive as &mut dyn FnMut(), &mut fast]) {
            let (start, mut runs) = (Instant::now(), 0);
            while start.elapsed() < Duration::from_millis(100) {
                run();
                runs += 1;
            }
            times.push(start.elapsed() / runs);
        }
    }
    let [naive, fast] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    let ratio = naive.as_secs_f64() / fast.as_secs_f64();
    println!("{name:<52} naive {naive:>9.2?}   fast {fast:>9.2?}   naive/fast {ratio:>6.1}");
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let strided = || Convolution::new(100, Window2d::new(3, [31, 31], [3, 3], [2, 2], [1, 1], [1, 1]), 25);
    let padded = || Convolution::new(64, Window2d::new(3, [32, 32], [5, 5], [1, 1], [2, 2], [1, 1]), 32);
    let pool = || Pool::new(100, Window2d::new(3, [32, 32], [2, 2], [2, 2], [0, 0], [1, 1]));
    let convolutions: [(&str, &dyn Fn() -> Convolution); 2] =
        [("(100,3,31,31)x(25,3,3,3) stride 2 pad 1", &strided), ("(64,3,32,32)x(32,3,5,5) pad 2", &padded)];

    for (name, make) in convolutions {
        let mut group = criterion.benchmark_group(format!("conv2d {name}"));
        let mut layer = make();
        group.bench_function("forward im2col", |bench| bench.iter(|| layer.forward()));
        group.bench_function("forward naive", |bench| bench.iter(|| layer.forward_naive()));
        group.bench_function("backward im2col", |bench| bench.iter(|| layer.backward()));
        group.bench_function("backward naive", |bench| bench.iter(|| layer.backward_naive()));
        if let Some(direct) = Direct::new(&layer.geometry) {
            group.bench_function("forward direct", |bench| bench.iter(|| layer.forward_direct(&direct)));
            group.bench_function("backward direct", |bench| bench.iter(|| layer.backward_direct(&direct)));
        }
    }
    let mut group = criterion.benchmark_group("max_pool2d (100,3,32,32) 2x2");
    let mut layer = pool();
    group.bench_function("forward", |bench| {
        bench.iter(|| layer.forward(|window, x, y| fast_pool(Level::best(), window, x, y)));
    });
    group.bench_function("forward naive", |bench| bench.iter(|| layer.forward(reference::max_pool2d)));
    group.bench_function("backward", |bench| {
        bench.iter(|| layer.backward(|window, x, dy, dx| fast_pool_backward(Level::best(), window, x, dy, dx)));
    });
    group.bench_function("backward naive", |bench| bench.iter(|| layer.backward(reference::max_pool2d_backward)));
    group.finish();
    training_step(&mut criterion);
    criterion.final_summary();

    println!("\nmedians of five rounds, in turn");
    for (name, make) in convolutions {
        let (mut naive, mut fast) = (make(), make());
        ratio(&format!("forward {name}"), || naive.forward_naive(), || fast.forward());
        ratio(&format!("backward {name}"), || naive.backward_naive(), || fast.backward());
        if let Some(direct) = Direct::new(&fast.geometry) {
            ratio(&format!("forward, direct {name}"), || naive.forward_naive(), || fast.forward_direct(&direct));
            ratio(&format!("backward, direct {name}"), || naive.backward_naive(), || fast.backward_direct(&direct));
        }
    }
    let (mut naive, mut fast) = (pool(), pool());
    let name = "max pool (100,3,32,32) 2x2";
    ratio(
        &format!("forward {name}"),
        || naive.forward(reference::max_pool2d),
        || fast.forward(|window, x, y| fast_pool(Level::best(), window, x, y)),
    );
    ratio(
        &format!("backward {name}"),
        || naive.backward(reference::max_pool2d_backward),
        || fast.backward(|window, x, dy, dx| fast_pool_backward(Level::best(), window, x, dy, dx)),
    );
}

/// One training step of the card net at batch 64.
fn training_step(criterion: &mut Criterion) {
    let network = net!(Image<3, 32, 32> => conv(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense(10));
    let model = Model::new(network, 7);
    let x = Batch::from_fn(64, |sample, index| ((sample * 31 + index * 17) % 255) as f32 / 255.0);
    let labels = Labels::new(&core::array::from_fn::<_, 64, _>(|sample| sample % 10)).expect("ten classes");
    criterion.bench_function("training step, card net, batch 64", |bench| {
        bench.iter_batched_ref(
            || (model.clone(), Sgd::new(0.01).momentum(0.9)),
            |(model, optimizer)| black_box(model.step(&x, &labels, &CrossEntropy, optimizer)),
            BatchSize::NumIterations(20),
        );
    });
}
