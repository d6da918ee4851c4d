//! How fast values pass through activations and regularisers, read and written: `cargo bench --bench elementwise`.
//!
//! Next to a copy, which is as fast as it gets. The minimum of many runs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use shapewright::prelude::*;
use shapewright::{Activation, Elu, Gelu, GeluTanh, HardSwish, Mish, Network, OutputOf, Scratch, Silu};

type Small = Image<16, 32, 32>;
type Large = Image<64, 64, 64>;

fn main() {
    println!("{:<16} {:>14} {:>14}", "GB/s", "64 KiB", "1 MiB");
    let sizes = [1 << 14, 1 << 18];
    report("copy", sizes.map(|count| in_place(count, |y, x| y.copy_from_slice(x))));
    for (name, activation) in [
        ("relu", Activation::Relu),
        ("relu6", Activation::Relu6),
        ("elu", Activation::Elu(Elu::new(1.0))),
        ("sigmoid", Activation::Sigmoid),
        ("tanh", Activation::Tanh),
        ("softplus", Activation::Softplus),
    ] {
        report(name, sizes.map(|count| in_place(count, |y, _| activation.apply(y))));
        report(&format!("{name} back"), sizes.map(|count| in_place(count, |dy, y| activation.backward(y, dy))));
    }
    macro_rules! functions {
        ($($layer:ident),*) => { $(
            let speeds = [layer(net!(Small => $layer)), layer(net!(Large => $layer))];
            report(stringify!($layer), speeds);
        )* };
    }
    functions!(Gelu, GeluTanh, Silu, Mish, HardSwish);
}

fn report(name: &str, speeds: [f64; 2]) {
    println!("{name:<16} {:>14.1} {:>14.1}", speeds[0], speeds[1]);
}

fn wave(index: usize) -> f32 {
    4.0 * (index as f32 * 0.37).sin()
}

/// `run` on a buffer of its own, with another of the same length to read.
fn in_place(count: usize, mut run: impl FnMut(&mut [f32], &[f32])) -> f64 {
    let x: Vec<f32> = (0..count).map(wave).collect();
    let mut y = x.clone();
    speed(count, || run(black_box(&mut y), black_box(&x)))
}

/// Inference through a network of one layer.
fn layer<N: Network>(network: N) -> f64 {
    let model = Model::new(network, 0);
    let x = Batch::<N::Input>::from_fn(1, |_, index| wave(index));
    let mut y = Batch::<OutputOf<N>>::zeros(1);
    let mut scratch = Scratch::new();
    let count = x.as_slice().len();
    speed(count, || model.infer_into(black_box(&x), black_box(&mut y), &mut scratch).expect("one sample each"))
}

/// Billions of bytes a second, each value read once and written once.
fn speed(count: usize, mut run: impl FnMut()) -> f64 {
    let runs = (1 << 25) / count;
    let fastest = (0..runs).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    let fastest = fastest.min().unwrap_or(Duration::MAX);
    (2 * 4 * count) as f64 / fastest.as_secs_f64() / 1e9
}
