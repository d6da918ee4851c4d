//! The kernels at every level of the processor; layers and LeNet-5, naive against fast: `cargo bench`, on one thread with
//! `RAYON_NUM_THREADS=1`.

mod naive;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use shapewright::kernels::conv2d::{Conv2dGeometry, conv2d, conv2d_backward};
use shapewright::kernels::dense::{DenseGeometry, dense, dense_backward};
use shapewright::kernels::depthwise::{Along, Depthwise};
use shapewright::kernels::direct::Direct;
use shapewright::kernels::max_pool2d::{max_pool2d, max_pool2d_backward};
use shapewright::kernels::simd::{Level, Processor};
use shapewright::kernels::window::Window2d;
use shapewright::kernels::winograd::Winograd;
use shapewright::layer::{Backward, Direction, Forward, Layouts, Mode, Preparation, Run};
use shapewright::prelude::*;
use shapewright::{Activation, Layer, Loss, Network, OutputOf, Scratch, Shape};

net! {
    LeNet: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10)
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    convolutions(&mut criterion);
    depthwise_convolutions(&mut criterion);
    dense_products(&mut criterion);
    pools(&mut criterion);

    // The sizes at which CS231n compares its own naive and fast layers.
    let conv = net!(Image<3, 31, 31> => conv(3=>25, k3, s2, pad1));
    let pool = net!(Image<3, 32, 32> => pool2);
    layer::<Image<3, 31, 31>>(
        &mut criterion,
        "conv 3×31×31 → 25, 3×3, stride 2",
        100,
        &conv,
        &naive::Strided::default(),
    );
    layer::<Image<3, 32, 32>>(&mut criterion, "pool 3×32×32", 100, &pool, &naive::Pool::<Image<3, 16, 16>>::default());
    // Layers of LeNet-5.
    let conv = net!(Image<1, 28, 28> => conv(1=>6, k5, pad2));
    let dense = net!(Image<16, 5, 5> => flatten >> dense(120));
    layer::<Image<1, 28, 28>>(&mut criterion, "conv 1×28×28 → 6, 5×5", 64, &conv, &naive::Conv1::default());
    layer::<Image<16, 5, 5>>(&mut criterion, "dense 400 → 120", 64, &dense, &naive::Dense1::default());
    network(&mut criterion, "LeNet-5 naive", naive::Naive);
    network(&mut criterion, "LeNet-5 fast", LeNet);
    criterion.final_summary();
}

/// Convolution by columns, and at each level direct and by Winograd, for one sample.
fn convolutions(criterion: &mut Criterion) {
    for (channels, size, kernel, filters) in [(1, 28, 5, 6), (3, 32, 5, 32), (32, 32, 3, 32), (64, 16, 3, 64)] {
        let window = Window2d::new(channels, [size; 2], [kernel; 2], [1; 2], [kernel / 2; 2], [1; 2]).expect("it fits");
        let geometry = Conv2dGeometry { window, filters, groups: 1 };
        let direct = Direct::new(&geometry).expect("stride 1");
        let winograd = Winograd::new(&geometry);
        let (weight, bias) = (wave(geometry.weight_len()), wave(filters));
        let (x, dy) = (wave(window.input_len()), wave(geometry.output_len()));
        let (mut y, mut dx) = (dy.clone(), x.clone());
        let (mut d_weight, mut d_bias) = (weight.clone(), bias.clone());
        let mut scratch = vec![
            0.0;
            geometry
                .scratch_len()
                .max(direct.scratch_len())
                .max(winograd.map_or(0, |winograd| winograd.scratch_len()))
        ];

        let mut group =
            criterion.benchmark_group(format!("conv {channels}×{size}×{size} → {filters}, {kernel}×{kernel}"));
        group.throughput(Throughput::Elements(geometry.macs() as u64));
        group.bench_function("columns, forward", |bench| {
            bench.iter(|| conv2d(&geometry, &weight, &bias, &x, &mut y, Activation::Identity, &mut scratch));
        });
        group.bench_function("columns, backward", |bench| {
            bench.iter(|| {
                let (dx, d_weight, d_bias) = (Some(&mut dx[..]), &mut d_weight, &mut d_bias);
                conv2d_backward(&geometry, &weight, &x, &dy, dx, d_weight, d_bias, &mut scratch);
            });
        });
        for level in Level::available() {
            let processor = Processor { level, threads: 1 };
            let [forward, backward] = [Direction::Forward, Direction::Backward].map(|direction| {
                let mut packed = vec![0.0; direct.packed().of(direction)];
                direct.pack(level, direction, &weight, &mut packed);
                packed
            });
            group.bench_function(format!("direct, {level:?}, forward"), |bench| {
                let parameters = (&forward[..], &bias[..]);
                bench.iter(|| {
                    direct.forward::<_, true>(processor, parameters, &x, &mut y, Activation::Identity, &mut scratch);
                });
            });
            group.bench_function(format!("direct, {level:?}, backward to the input"), |bench| {
                let (packed, identity) = ((&backward[..], &[][..]), Activation::Identity);
                bench
                    .iter(|| direct.backward_input::<_, true>(processor, packed, &dy, &mut dx, identity, &mut scratch));
            });
            group.bench_function(format!("direct, {level:?}, backward to the weights"), |bench| {
                bench.iter(|| {
                    direct.backward_weight::<_, true>(level, &x, &dy, &mut d_weight, &mut d_bias, &mut scratch);
                });
            });
            let Some(winograd) = winograd else { continue };
            let [forward, backward] = [Direction::Forward, Direction::Backward].map(|direction| {
                let mut packed = vec![0.0; winograd.packed().of(direction)];
                winograd.pack(level, direction, &weight, &mut packed);
                packed
            });
            group.bench_function(format!("Winograd, {level:?}, forward"), |bench| {
                let parameters = (&forward[..], &bias[..]);
                bench.iter(|| winograd.forward(processor, parameters, &x, &mut y, Activation::Identity, &mut scratch));
            });
            group.bench_function(format!("Winograd, {level:?}, backward to the input"), |bench| {
                bench.iter(|| winograd.backward_input(processor, &backward, &dy, &mut dx, &mut scratch));
            });
            group.bench_function(format!("Winograd, {level:?}, backward to the weights"), |bench| {
                bench.iter(|| winograd.backward_weight(level, &x, &dy, &mut d_weight, &mut d_bias, &mut scratch));
            });
        }
    }
}

/// Depthwise convolutions in both layouts at each level, for one sample.
fn depthwise_convolutions(criterion: &mut Criterion) {
    for (channels, size, stride) in [(32, 56, 1), (32, 56, 2), (128, 14, 1), (128, 14, 2), (128, 6, 1), (128, 6, 2)] {
        let window = Window2d::new(channels, [size; 2], [3; 2], [stride; 2], [1; 2], [1; 2]).expect("it fits");
        let (weight, bias) = (wave(channels * window.taps()), wave(channels));
        let (x, dy) = (wave(window.input_len()), wave(channels * window.positions()));
        let (mut y, mut dx) = (dy.clone(), x.clone());
        let (mut d_weight, mut d_bias) = (weight.clone(), bias.clone());

        let name = format!("depthwise {channels}×{size}×{size}, 3×3, stride {stride}");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements((dy.len() * window.taps()) as u64));
        for (level, along) in Level::available().flat_map(|level| [(level, Along::Positions), (level, Along::Channels)])
        {
            let depthwise = Depthwise::along(&window, along).expect("few taps");
            let mut scratch = vec![0.0; depthwise.scratch_len()];
            group.bench_function(format!("along {along:?}, {level:?}, forward"), |bench| {
                let parameters = (&weight[..], &bias[..]);
                bench.iter(|| depthwise.forward(level, parameters, &x, &mut y, Activation::Identity, &mut scratch));
            });
            group.bench_function(format!("along {along:?}, {level:?}, backward"), |bench| {
                bench.iter(|| {
                    let (dx, gradients) = (Some(&mut dx[..]), (&mut d_weight[..], &mut d_bias[..]));
                    depthwise.backward(level, &weight, &x, &dy, dx, gradients, &mut scratch);
                });
            });
        }
    }
}

/// Dense layers at each level.
fn dense_products(criterion: &mut Criterion) {
    for (inputs, outputs, samples) in [(400, 120, 1), (400, 120, 16), (4096, 128, 16)] {
        let geometry = DenseGeometry { inputs, outputs, samples };
        let (weight, bias) = (wave(inputs * outputs), wave(outputs));
        let (x, dy) = (wave(samples * inputs), wave(samples * outputs));
        let (mut y, mut dx) = (dy.clone(), x.clone());
        let (mut d_weight, mut d_bias) = (weight.clone(), bias.clone());

        let mut group = criterion.benchmark_group(format!("dense {samples} × {inputs} → {outputs}"));
        group.throughput(Throughput::Elements((samples * inputs * outputs) as u64));
        for level in Level::available() {
            group.bench_function(format!("{level:?}, forward"), |bench| {
                bench.iter(|| {
                    dense(Processor { level, threads: 1 }, geometry, &weight, &bias, &x, &mut y, Activation::Identity);
                });
            });
            group.bench_function(format!("{level:?}, backward"), |bench| {
                bench.iter(|| {
                    let (dx, d_weight, d_bias) = (Some(&mut dx[..]), &mut d_weight, &mut d_bias);
                    dense_backward(level, geometry, &weight, &x, &dy, dx, d_weight, d_bias);
                });
            });
        }
    }
}

/// Max pools at each level, for one sample.
fn pools(criterion: &mut Criterion) {
    for (kernel, stride) in [(2, 2), (3, 2)] {
        let window = Window2d::new(32, [32; 2], [kernel; 2], [stride; 2], [0; 2], [1; 2]).expect("it fits");
        let (x, dy) = (wave(window.input_len()), wave(window.channels * window.positions()));
        let (mut y, mut dx) = (dy.clone(), x.clone());

        let mut group = criterion.benchmark_group(format!("pool 32×32×32, {kernel}×{kernel}, stride {stride}"));
        group.throughput(Throughput::Elements(window.input_len() as u64));
        for level in Level::available() {
            group.bench_function(format!("{level:?}, forward"), |bench| {
                bench.iter(|| max_pool2d(level, &window, &x, &mut y));
            });
            group.bench_function(format!("{level:?}, backward"), |bench| {
                bench.iter(|| max_pool2d_backward(level, &window, &x, &dy, &mut dx));
            });
        }
    }
}

/// A layer out of textbook loops beside the crate's, all samples at once on one thread.
fn layer<I: Shape>(criterion: &mut Criterion, name: &str, samples: usize, fast: &impl Layer<I>, naive: &impl Layer<I>) {
    let mut group = criterion.benchmark_group(format!("layer {name}, {samples} samples"));
    passes(&mut group, "naive", samples, naive);
    passes(&mut group, "fast", samples, fast);
}

fn passes<I: Shape, L: Layer<I>>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, samples: usize, layer: &L) {
    let (parameters, x, dy) = (wave(L::PARAMS), wave(samples * I::LEN), wave(samples * L::Output::LEN));
    let (mut y, mut dx, mut gradients) = (dy.clone(), x.clone(), parameters.clone());
    let mut upstream = dy.clone();
    let [prepared_forward, prepared_backward] = [Direction::Forward, Direction::Backward].map(|direction| {
        let mut prepared = vec![0.0; L::PREPARED.of(direction)];
        layer.prepare(Preparation::alone(direction, &parameters, &[], &mut prepared));
        prepared
    });
    let run = Run::alone(Mode::Train, 1);
    let mut saved = vec![0.0; samples * L::SAVED];
    let mut scratch = vec![0.0; L::SCRATCH.elements(samples)];
    group.bench_function(format!("{name}, forward"), |bench| {
        bench.iter(|| {
            layer.forward(Forward {
                run,
                keep: true,
                samples,
                layouts: Layouts::PLANAR,
                parameters: &parameters,
                prepared: &prepared_forward,
                state: &[],
                next_state: &mut [],
                x: &x,
                y: &mut y,
                saved: &mut saved,
                scratch: &mut scratch,
                shift: &[],
                normed: false,
                epilogue: Activation::Identity,
            });
        });
    });
    group.bench_function(format!("{name}, backward"), |bench| {
        bench.iter(|| {
            upstream.copy_from_slice(&dy); // a layer may overwrite it
            layer.backward(Backward {
                run,
                samples,
                parameters: &parameters,
                prepared: &prepared_backward,
                state: &[],
                x: &x,
                activated: &y,
                saved: &saved,
                dy: &mut upstream,
                dx: Some(&mut dx),
                gradients: &mut gradients,
                scratch: &mut scratch,
            });
        });
    });
}

/// Whole training steps and inference.
fn network<N: Network>(criterion: &mut Criterion, name: &str, network: N)
where
    CrossEntropy: Loss<OutputOf<N>, Labels<10>>,
{
    let mut model = Model::new(network, 7);
    let mut group = criterion.benchmark_group(name);
    let batch = |samples| Batch::from_vec(samples, wave(samples * N::Input::LEN)).expect("as many values as asked for");
    let (x, labels) = (batch(64), Labels::new(&core::array::from_fn::<_, 64, _>(|sample| sample % 10)));
    let (labels, mut optimizer) = (labels.expect("ten classes"), Sgd::new(0.0001).momentum(0.9));
    group.bench_function("training step, batch 64", |bench| {
        bench.iter(|| model.step(&x, &labels, &CrossEntropy, &mut optimizer).expect("a finite loss"));
    });
    for samples in [1, 128] {
        let (x, mut y, mut scratch) = (batch(samples), Batch::zeros(samples), Scratch::new());
        group.bench_function(format!("inference, batch {samples}"), |bench| {
            bench.iter(|| model.infer_into(&x, &mut y, &mut scratch).expect("as many outputs as inputs"));
        });
    }
}

/// Values that repeat late and tie rarely.
fn wave(length: usize) -> Vec<f32> {
    (0..length).map(|index| ((index * 7919) % 10_007) as f32 / 10_007.0 - 0.5).collect()
}
