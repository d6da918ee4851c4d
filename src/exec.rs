//! Running a batch depth-first: a lane takes a few samples at a time through the whole network while their
//! activations are warm in cache; in training forward, loss and backward in one go.
//!
//! How a batch is cut depends on the network's constants and the number of samples alone, never on the number of
//! threads, and lanes are added up in order: the same bits for any number of threads.

use core::ops::Range;

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Backward, Forward, Head, Layer, Mode};
use crate::network::Network;
use crate::parallel;
use crate::pool::Pool;
use crate::shape::Shape;
use crate::tile;

/// Lanes of a training step: each has gradients of its own.
const LANES: usize = 8;
/// Samples that make a lane of training worth its while.
const LANE_SAMPLES: usize = 4;
/// Multiply-accumulates, and values in and out, that make a lane of inference worth its while: some microseconds.
const LANE_WORK: usize = 500_000;
/// Multiply-accumulates from which layers are divided among threads where there are fewer lanes than threads.
const LAYER_WORK: usize = 4_000_000;

/// Input values of a sample.
const fn inputs<N: Network>() -> usize {
    <N::Input as Shape>::LEN
}

/// Output values of a sample.
const fn outputs<N: Network>() -> usize {
    <<N as Layer<N::Input>>::Output as Shape>::LEN
}

/// Values of a sample that are copied because the network begins with an activation.
const fn copied<N: Network>() -> usize {
    match N::HEAD {
        Head::Own => 0,
        Head::Activation | Head::Whole => inputs::<N>(),
    }
}

/// Samples that run at once.
const fn tile<N: Network>() -> usize {
    tile::size::<N::Input, N>()
}

/// Values of scratch that a lane of inference needs.
pub(crate) const fn inference_room<N: Network>() -> usize {
    copied::<N>() * tile::<N>() + N::SCRATCH.elements(tile::<N>())
}

/// Lanes that are worth their while for `samples` on as many threads.
pub(crate) fn inference_lanes<N: Network>(samples: usize, threads: usize) -> usize {
    let work = const { N::MACS + inputs::<N>() + outputs::<N>() };
    threads.min(samples).min(1 + samples * work / LANE_WORK).max(1)
}

/// Evaluates `x` into `y`: each lane takes a part of the batch, tile by tile.
pub(crate) fn infer<N: Network, E: Element>(
    network: &N,
    (parameters, prepared): (&[E], &[E]),
    x: &[E],
    y: &mut [E],
    scratch: &mut [E],
    threads: usize,
) {
    let (size, room) = const { (tile::<N>(), inference_room::<N>()) };
    let samples = y.len() / outputs::<N>().max(1);
    let lanes = inference_lanes::<N>(samples, threads);
    let (threads, lane_samples) =
        (if samples * N::MACS > LAYER_WORK { threads / lanes } else { 1 }, samples.div_ceil(lanes));
    if lane_samples == 0 {
        return;
    }
    let run = |lane: usize, y: &mut [E], scratch: &mut [E]| {
        let x = &x[lane * lane_samples * inputs::<N>()..];
        for (x, y) in x.chunks(size * inputs::<N>()).zip(y.chunks_mut(size * outputs::<N>())) {
            let samples = y.len() / outputs::<N>();
            let (copy, scratch) = scratch.split_at_mut(copied::<N>() * samples);
            network.forward(Forward {
                mode: Mode::Evaluate,
                keep: false,
                samples,
                threads,
                parameters,
                prepared,
                x: with_head(network, &x[..samples * inputs::<N>()], copy),
                y,
                saved: &mut [],
                scratch,
                epilogue: Activation::Identity,
            });
        }
    };
    if threads > 1 && samples * N::MACS > LAYER_WORK {
        parallel::enter(|| parallel::chunks((y, lane_samples * outputs::<N>()), (scratch, room.max(1)), run));
    } else {
        parallel::chunks((y, lane_samples * outputs::<N>()), (scratch, room.max(1)), run);
    }
}

/// The input, with the activation that the network begins with applied to a copy of it.
fn with_head<'a, N: Network, E: Element>(network: &N, x: &'a [E], copy: &'a mut [E]) -> &'a [E] {
    if N::HEAD == Head::Own {
        return x;
    }
    copy.copy_from_slice(x);
    network.head().apply(copy);
    copy
}

/// What one lane of a training step owns.
#[derive(Debug, Default)]
pub(crate) struct Lane<E> {
    pub(crate) gradients: Vec<E>,
    pub(crate) input_gradient: Vec<E>,
    loss: f64,
}

/// How a network is differentiated over a batch.
pub(crate) struct Derivation<'a, N, E> {
    pub(crate) network: &'a N,
    pub(crate) parameters: &'a [E],
    /// What the network has made of them, forward and backward.
    pub(crate) prepared: [&'a [E]; 2],
    pub(crate) mode: Mode,
    pub(crate) x: &'a [E],
    pub(crate) pool: &'a Pool<E>,
    /// Whether the gradient of the input is wanted.
    pub(crate) input: bool,
}

impl<N: Network, E: Element> Derivation<'_, N, E> {
    /// Runs forward and backward; `upstream` is given the number of a sample and its output, writes the gradient of
    /// that output and returns the sample's share of the loss.
    ///
    /// The gradients are left in the first lane, each lane's part of the input's gradient in that lane. Returns the loss.
    pub(crate) fn run(&self, lanes: &mut Vec<Lane<E>>, upstream: impl Fn(usize, &[E], &mut [E]) -> f64 + Sync) -> f64 {
        let samples = self.x.len() / inputs::<N>().max(1);
        let lane_samples = samples.div_ceil(LANES).max(LANE_SAMPLES);
        lanes.resize_with(samples.div_ceil(lane_samples).max(1), Lane::default);
        let threads = (parallel::threads() / lanes.len()).max(1);
        parallel::each(lanes, |index, lane| {
            let start = (index * lane_samples).min(samples);
            let end = (start + lane_samples).min(samples);
            self.run_lane(lane, start..end, threads, &upstream);
        });
        let (first, others) = lanes.split_at_mut(1);
        for lane in others {
            for (sum, &part) in first[0].gradients.iter_mut().zip(&lane.gradients) {
                *sum += part;
            }
            first[0].loss += lane.loss;
        }
        first[0].loss
    }

    fn run_lane(
        &self,
        lane: &mut Lane<E>,
        Range { start, end }: Range<usize>,
        threads: usize,
        upstream: &impl Fn(usize, &[E], &mut [E]) -> f64,
    ) {
        let size = const { tile::<N>() };
        let room =
            const { (copied::<N>() + 2 * outputs::<N>() + N::SAVED) * tile::<N>() + N::SCRATCH.elements(tile::<N>()) };
        let mut buffer = self.pool.take(room);
        lane.gradients.clear();
        lane.gradients.resize(N::PARAMS, E::zero());
        lane.input_gradient.clear();
        lane.input_gradient.resize(if self.input { (end - start) * inputs::<N>() } else { 0 }, E::zero());
        lane.loss = 0.0;
        for first in (start..end).step_by(size) {
            let samples = size.min(end - first);
            let (copy, rest) = buffer.split_at_mut(copied::<N>() * samples);
            let (y, rest) = rest.split_at_mut(outputs::<N>() * samples);
            let (dy, rest) = rest.split_at_mut(outputs::<N>() * samples);
            let (saved, scratch) = rest.split_at_mut(N::SAVED * samples);
            let x = &self.x[first * inputs::<N>()..][..samples * inputs::<N>()];
            let x = with_head(self.network, x, copy);
            self.network.forward(Forward {
                mode: self.mode,
                keep: true,
                samples,
                threads,
                parameters: self.parameters,
                prepared: self.prepared[0],
                x,
                y,
                saved,
                scratch,
                epilogue: Activation::Identity,
            });
            for sample in 0..samples {
                let output = sample * outputs::<N>()..(sample + 1) * outputs::<N>();
                lane.loss += upstream(first + sample, &y[output.clone()], &mut dy[output]);
            }
            let dx = lane.input_gradient.get_mut((first - start) * inputs::<N>()..).filter(|_| self.input);
            let mut dx = dx.map(|dx| &mut dx[..samples * inputs::<N>()]);
            self.network.backward(Backward {
                mode: self.mode,
                samples,
                threads,
                parameters: self.parameters,
                prepared: self.prepared[1],
                x,
                activated: y,
                saved,
                dy,
                dx: dx.as_deref_mut(),
                gradients: &mut lane.gradients,
                scratch,
            });
            if let Some(dx) = dx {
                self.network.head().backward(x, dx);
            }
        }
    }
}
