//! Running a batch depth-first: a lane takes a few samples at a time through the whole network while their
//! activations are warm in cache; in training forward, loss and backward in one go.
//!
//! How a batch is cut depends on the network's constants and the number of samples alone, never on the number of
//! threads, and lanes are added up in order: the same bits for any number of threads.

use core::ops::{AddAssign, Range};

use crate::activation::Activation;
use crate::branch::{copied, with_head};
use crate::element::Element;
use crate::fresh;
use crate::layer::{Backward, Forward, Layer, Layouts, Mode, Run, Space};
use crate::network::Network;
use crate::noise::Noise;
use crate::parallel;
use crate::plan::Figure;
use crate::pool::Pool;
use crate::shape::Shape;
use crate::tile;

/// Multiply-accumulates, and values in and out, that make a lane of inference worth its while: some microseconds.
const LANE_WORK: usize = 500_000;
/// Multiply-accumulates of its largest layer from which a network's layers are divided among threads where there are fewer lanes
/// than threads.
const LAYER_WORK: usize = 4_000_000;
/// The same for the parameters of a layer, which a dense layer waits for.
const LAYER_PARAMS: usize = LAYER_WORK / 8;
/// Gradients that are added up at once: they stay in first-level cache while the lanes pass by.
const PIECE: usize = 4096;

/// Input values of a sample.
const fn inputs<N: Network>() -> usize {
    <N::Input as Shape>::LEN
}

/// Output values of a sample.
const fn outputs<N: Network>() -> usize {
    <<N as Layer<N::Input>>::Output as Shape>::LEN
}

/// Samples that run at once.
const fn tile<N: Network>() -> usize {
    tile::size::<N::Input, N>()
}

/// Values of scratch that a lane of inference needs for `samples`.
pub(crate) const fn inference_room<N: Network>(samples: usize) -> usize {
    let size = min(tile::<N>(), samples);
    copied::<N::Input, N>() * size + N::INFERENCE.elements(size)
}

/// Values of scratch that a lane of inference needs for any number of samples.
pub(crate) const fn inference_room_of_any<N: Network>() -> usize {
    inference_room::<N>(usize::MAX)
}

/// Values of scratch that inference of `samples` needs on as many threads.
pub(crate) fn inference_scratch<N: Network>(samples: usize, threads: usize) -> usize {
    let lanes = inference_lanes::<N>(samples, threads);
    lanes * inference_room::<N>(samples.div_ceil(lanes)).max(1)
}

/// Lanes that are worth their while for `samples` on as many threads.
pub(crate) fn inference_lanes<N: Network>(samples: usize, threads: usize) -> usize {
    let work = const { N::MACS + inputs::<N>() + outputs::<N>() };
    threads.min(samples).min(1 + samples * work / LANE_WORK).max(1)
}

/// Whether a layer is worth dividing among threads.
const fn divides<N: Network>() -> bool {
    N::PLAN.largest(Figure::Macs) > LAYER_WORK || N::PLAN.largest(Figure::Params) > LAYER_PARAMS
}

/// What a network reads besides its input in evaluation.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a, E> {
    pub(crate) parameters: &'a [E],
    pub(crate) prepared: &'a [E],
    pub(crate) state: &'a [E],
    /// Whether batch norms have been folded.
    pub(crate) folded: bool,
}

/// Evaluates `x` into `y`.
pub(crate) fn infer<N: Network, E: Element>(
    network: &N,
    weights: Weights<E>,
    x: &[E],
    y: &mut [E],
    scratch: &mut [E],
    threads: usize,
) {
    infer_tiles(network, weights, x, y, |tile| tile, scratch, threads);
}

/// Evaluates `x` into values of their own.
pub(crate) fn infer_fresh<N: Network, E: Element>(
    network: &N,
    weights: Weights<E>,
    x: &[E],
    scratch: &mut [E],
    threads: usize,
) -> Vec<E> {
    let len = x.len() / inputs::<N>() * outputs::<N>();
    fresh::vector(len, |y| infer_tiles(network, weights, x, y, fresh::zeroed, scratch, threads))
}

/// Evaluates `x` into `y`: each lane takes a part of the batch, tile by tile. `values` makes values of a tile's memory.
fn infer_tiles<N: Network, E: Element, M: Send>(
    network: &N,
    Weights { parameters, prepared, state, folded }: Weights<E>,
    x: &[E],
    y: &mut [M],
    values: fn(&mut [M]) -> &mut [E],
    scratch: &mut [E],
    threads: usize,
) {
    let size = const { tile::<N>() };
    let samples = y.len() / outputs::<N>().max(1);
    let lanes = inference_lanes::<N>(samples, threads);
    let threads = if const { divides::<N>() } { threads / lanes } else { 1 };
    let lane_samples = samples.div_ceil(lanes);
    if lane_samples == 0 {
        return;
    }
    let run = Run { folded, ..Run::alone(Mode::Evaluate, threads) };
    let room = inference_room::<N>(lane_samples).max(1);
    let lane = |lane: usize, y: &mut [M], scratch: &mut [E]| {
        let x = &x[lane * lane_samples * inputs::<N>()..];
        for (x, y) in x.chunks(size * inputs::<N>()).zip(y.chunks_mut(size * outputs::<N>()).map(values)) {
            let samples = y.len() / outputs::<N>();
            let (copy, scratch) = scratch.split_at_mut(copied::<N::Input, N>() * samples);
            network.forward(Forward {
                run,
                keep: false,
                samples,
                layouts: Layouts::PLANAR,
                parameters,
                prepared,
                state,
                next_state: &mut [],
                x: with_head::<N::Input, N, E>(network, &x[..samples * inputs::<N>()], copy),
                y,
                saved: &mut [],
                scratch,
                shift: &[],
                normed: false,
                epilogue: Activation::Identity,
            });
        }
    };
    if threads > 1 {
        parallel::enter(|| parallel::chunks((y, lane_samples * outputs::<N>()), (scratch, room), lane));
    } else {
        parallel::chunks((y, lane_samples * outputs::<N>()), (scratch, room), lane);
    }
}

/// The memory of a training step, in elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Training {
    inputs: usize,
    gradients: usize,
    /// What a lane keeps of each sample.
    kept: usize,
    /// Samples of a lane that run at once; none: all of them.
    tile: Option<usize>,
    scratch: Space,
}

impl Training {
    pub(crate) const fn of<N: Network>() -> Self {
        Self::run::<N>(N::COUPLES)
    }

    /// In lanes, or on the whole batch.
    const fn run<N: Network>(whole: bool) -> Self {
        Self {
            inputs: inputs::<N>(),
            gradients: N::PARAMS,
            kept: copied::<N::Input, N>() + 2 * outputs::<N>() + N::SAVED,
            tile: if whole { None } else { Some(tile::<N>()) },
            scratch: if whole { N::WHOLE } else { N::SCRATCH },
        }
    }

    /// Samples that run at once in a lane of `samples`.
    const fn size(&self, samples: usize) -> usize {
        match self.tile {
            Some(tile) => min(tile, samples),
            None => samples,
        }
    }

    /// The activations and the scratch of a lane of `samples`.
    const fn room(&self, samples: usize) -> usize {
        let size = self.size(samples);
        self.kept * size + self.scratch.elements(size)
    }

    /// A step on `samples`, with a thread for each lane.
    pub(crate) const fn elements(&self, samples: usize) -> usize {
        let lane_samples = min(samples, if self.tile.is_some() { tile::lane_samples(samples) } else { samples });
        let lanes = if samples == 0 { 1 } else { samples.div_ceil(lane_samples) };
        samples * self.inputs + lanes * (self.gradients + self.room(lane_samples))
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// What one lane of a training step owns.
#[derive(Debug, Default)]
pub(crate) struct Lane<E> {
    pub(crate) gradients: Vec<E>,
    pub(crate) input_gradient: Vec<E>,
    score: Score,
}

/// How good the outputs for some samples are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    /// The sum of the samples' shares of the loss.
    pub(crate) loss: f64,
    /// Samples whose output is right, of those that are `judged`.
    pub(crate) right: usize,
    /// Samples whose output is right or wrong.
    pub(crate) judged: usize,
}

impl Score {
    /// That of one sample: its share of the loss, and whether its output is right where that can be said.
    pub(crate) fn of(loss: f64, is_right: Option<bool>) -> Self {
        Self { loss, right: usize::from(is_right == Some(true)), judged: usize::from(is_right.is_some()) }
    }

    /// The share of outputs that are right, 0 to 1; NaN if none is judged.
    pub(crate) fn accuracy(&self) -> f64 {
        self.right as f64 / self.judged as f64
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.right += other.right;
        self.judged += other.judged;
    }
}

/// Adds the gradients of all lanes to those of the first, in order; returns the score of all.
fn add_up<E: Element>(lanes: &mut [Lane<E>]) -> Score {
    let (first, others) = lanes.split_at_mut(1);
    for (index, sums) in first[0].gradients.chunks_mut(PIECE).enumerate() {
        for lane in &*others {
            for (sum, &part) in sums.iter_mut().zip(&lane.gradients[index * PIECE..]) {
                *sum += part;
            }
        }
    }
    let mut score = Score::default();
    for lane in &*lanes {
        score += lane.score;
    }
    score
}

/// The gradient of the input, of which each lane has a part.
pub(crate) fn input_gradient<E: Element>(lanes: &[Lane<E>]) -> Vec<E> {
    lanes.iter().flat_map(|lane| &lane.input_gradient).copied().collect()
}

/// Given the number of a sample and its output, writes the gradient of that output and returns the sample's score.
type Upstream<'a, E> = &'a (dyn Fn(usize, &[E], &mut [E]) -> Score + Sync);

/// How a network is differentiated over a batch.
pub(crate) struct Derivation<'a, N, E> {
    pub(crate) network: &'a N,
    pub(crate) parameters: &'a [E],
    /// What the network has made of them, forward and backward.
    pub(crate) prepared: [&'a [E]; 2],
    /// The running statistics before the step.
    pub(crate) state: &'a [E],
    pub(crate) mode: Mode,
    pub(crate) noise: Noise,
    pub(crate) x: &'a [E],
    pub(crate) pool: &'a Pool<E>,
    /// Whether the gradient of the input is wanted.
    pub(crate) input: bool,
}

impl<N: Network, E: Element> Derivation<'_, N, E> {
    /// Runs forward and backward.
    ///
    /// The gradients are left in the first lane, each lane's part of the input's gradient in that lane; in training, the running
    /// statistics in `next_state`. Returns the score of all samples.
    pub(crate) fn run(&self, lanes: &mut Vec<Lane<E>>, next_state: &mut [E], upstream: Upstream<'_, E>) -> Score {
        const { assert!(N::COUPLES || N::STATE == 0, "a layer with running statistics couples its samples") };
        let samples = self.x.len() / inputs::<N>().max(1);
        if self.mode == Mode::Train && N::COUPLES {
            lanes.resize_with(1, Lane::default);
            self.run_lane(&mut lanes[0], 0..samples, true, parallel::threads(), next_state, upstream);
            return lanes[0].score;
        }
        let lane_samples = tile::lane_samples(samples);
        lanes.resize_with(samples.div_ceil(lane_samples).max(1), Lane::default);
        let threads = (parallel::threads() / lanes.len()).max(1);
        parallel::each(lanes, |index, lane| {
            let start = (index * lane_samples).min(samples);
            let end = (start + lane_samples).min(samples);
            self.run_lane(lane, start..end, false, threads, &mut [], upstream);
        });
        add_up(lanes)
    }

    fn run_lane(
        &self,
        lane: &mut Lane<E>,
        Range { start, end }: Range<usize>,
        whole: bool,
        threads: usize,
        next_state: &mut [E],
        upstream: Upstream<'_, E>,
    ) {
        let memory = Training::run::<N>(whole);
        let size = memory.size(end - start);
        let mut buffer = self.pool.take(memory.room(end - start));
        lane.gradients.clear();
        lane.gradients.resize(N::PARAMS, E::zero());
        lane.input_gradient.resize(if self.input { (end - start) * inputs::<N>() } else { 0 }, E::zero());
        lane.score = Score::default();
        for first in (start..end).step_by(size.max(1)) {
            let samples = size.min(end - first);
            let (copy, rest) = buffer.split_at_mut(copied::<N::Input, N>() * samples);
            let (y, rest) = rest.split_at_mut(outputs::<N>() * samples);
            let (dy, rest) = rest.split_at_mut(outputs::<N>() * samples);
            let (saved, scratch) = rest.split_at_mut(N::SAVED * samples);
            let x = &self.x[first * inputs::<N>()..][..samples * inputs::<N>()];
            let x = with_head::<N::Input, N, E>(self.network, x, copy);
            let run = Run { mode: self.mode, whole, folded: false, threads, noise: self.noise.at_sample(first) };
            self.network.forward(Forward {
                run,
                keep: true,
                samples,
                layouts: Layouts::PLANAR,
                parameters: self.parameters,
                prepared: self.prepared[0],
                state: self.state,
                next_state: &mut *next_state,
                x,
                y,
                saved,
                scratch,
                shift: &[],
                normed: false,
                epilogue: Activation::Identity,
            });
            for sample in 0..samples {
                let output = sample * outputs::<N>()..(sample + 1) * outputs::<N>();
                lane.score += upstream(first + sample, &y[output.clone()], &mut dy[output]);
            }
            let dx = lane.input_gradient.get_mut((first - start) * inputs::<N>()..).filter(|_| self.input);
            let mut dx = dx.map(|dx| &mut dx[..samples * inputs::<N>()]);
            self.network.backward(Backward {
                run,
                samples,
                parameters: self.parameters,
                prepared: self.prepared[1],
                state: self.state,
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
