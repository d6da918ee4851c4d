//! The cases, and what a peer has to offer for them.

use std::time::Duration;

use crate::protocol::{Named, Repetition, time};

/// Small enough that thousands of timed steps stay finite.
pub const TIMED_RATE: f64 = 0.0001;
/// Large enough that a wrong gradient shows in the losses, too small for chaos, which begins earlier with batch norms.
fn checked_rate(network: &str) -> f64 {
    if matches!(network.split(':').next(), Some("R20" | "MN")) { 0.00001 } else { 0.001 }
}
/// Losses to compare: each depends on all the updates before it.
const CHECKED_STEPS: usize = 6;
/// Of stochastic gradient descent.
pub const MOMENTUM: f64 = 0.9;

/// A library that is compared.
pub trait Peer {
    /// The convolution or 2×2 max pool of a size; none if it has no such case.
    fn layer(&self, size: &str) -> Option<Box<dyn Single>>;
    /// A network of [`inputs`](crate::inputs) with a batch of its input.
    fn network(&self, name: &str, samples: usize, learning_rate: f64) -> Option<Box<dyn Subject>>;
}

/// A layer with its data.
pub trait Single {
    /// How long forward takes.
    fn time_forward(&self) -> Duration;
    /// How long it takes from an upstream gradient to those of the input and the parameters; none if it cannot be had.
    fn time_backward(&mut self) -> Option<Duration>;
    /// The output `y`, and the gradients `dx`, `dw` and `db` where it has them.
    fn results(&mut self) -> Vec<Named>;
}

/// A network with its data.
pub trait Subject {
    /// One step of stochastic gradient descent with momentum; the loss before it, none if it cannot be trained.
    fn step(&mut self) -> Option<f32>;
    /// Does once what inference alone allows, as an engine does when it loads a model.
    fn freeze(&mut self) {}
    /// Evaluates the batch; the logits as a copy of their own.
    fn logits(&self) -> Vec<f32>;
}

/// What a case repeats, with its data ready.
pub fn prepare(peer: &impl Peer, case: &str) -> Option<Repetition> {
    let (kind, what) = case.split_once(':')?;
    Some(match kind {
        "conv_fwd" | "pool_fwd" => {
            let layer = peer.layer(what)?;
            Box::new(move || layer.time_forward())
        }
        "conv_bwd" | "pool_bwd" => {
            let mut layer = peer.layer(what)?;
            layer.time_backward()?;
            Box::new(move || layer.time_backward().expect("a backward pass, as before"))
        }
        "train" => {
            let mut network = network(peer, what, TIMED_RATE)?;
            network.step()?;
            Box::new(move || time(|| network.step()))
        }
        "infer" => {
            let network = frozen(peer, what)?;
            Box::new(move || time(|| network.logits()))
        }
        _ => return None,
    })
}

/// What a case gives, by name, to be compared with what PyTorch gives.
pub fn check(peer: &impl Peer, case: &str) -> Option<Vec<Named>> {
    let (kind, what) = case.split_once(':')?;
    Some(match kind {
        "conv" | "pool" => peer.layer(what)?.results(),
        "train" => {
            let mut network = network(peer, what, checked_rate(what))?;
            vec![("loss", (0..CHECKED_STEPS).map(|_| network.step()).collect::<Option<_>>()?)]
        }
        "infer" => vec![("logits", frozen(peer, what)?.logits())],
        _ => return None,
    })
}

/// The network and batch of `NAME:SAMPLES`.
fn network(peer: &impl Peer, what: &str, learning_rate: f64) -> Option<Box<dyn Subject>> {
    let (name, samples) = what.split_once(':')?;
    peer.network(name, samples.parse().ok()?, learning_rate)
}

/// The same for inference.
fn frozen(peer: &impl Peer, what: &str) -> Option<Box<dyn Subject>> {
    let mut network = network(peer, what, TIMED_RATE)?;
    network.freeze();
    Some(network)
}
