//! Running a batch depth-first: a lane takes a few samples at a time through the whole network while their
//! activations are warm in cache; in training forward, loss and backward in one go.
//!
//! How a batch is cut depends on the network's constants and the number of samples alone, never on the number of
//! threads, and lanes are added up in order: the same bits for any number of threads.

mod evaluation;

use core::ops::{AddAssign, Range};

use crate::activation::Activation;
use crate::branch::{copied, with_head};
use crate::element::Element;
use crate::layer::{Backward, Direction, Forward, Layer, Layouts, Mode, Preparation, Run, Space};
use crate::network::Network;
use crate::noise::Noise;
use crate::parallel;
use crate::pool::Pool;
use crate::shape::Shape;
use crate::tile;
pub(crate) use evaluation::{Evaluation, Inference};

/// Gradients that are added up at once: they stay in first-level cache while the lanes pass by.
const PIECE: usize = 4096;

/// A network whose type has been left behind: what cuts batches is compiled once, and not for every network.
pub(crate) trait AnyNetwork<E>: Sync {
    /// [`Layer::prepare`] for the forward pass.
    fn prepare(&self, folded: bool, parameters: &[E], state: &[E], prepared: &mut [E]);

    /// The input, or a copy of it with the activation applied that the network begins with.
    fn with_head<'a>(&self, x: &'a [E], copy: &'a mut [E]) -> &'a [E];

    /// Runs the network forward.
    fn forward(&self, pass: Forward<'_, E>);
}

/// The same with its derivative: apart, so that a program that only evaluates has no backward pass in it.
pub(crate) trait AnyDerivable<E>: AnyNetwork<E> {
    /// Values that [`prepare_backward`](AnyDerivable::prepare_backward) makes.
    fn prepares_backward(&self) -> usize;

    /// [`Layer::prepare`] for the backward pass.
    fn prepare_backward(&self, parameters: &[E], state: &[E], prepared: &mut [E]);

    /// Runs the network backward; its head's derivative is applied to `dx`.
    fn backward(&self, pass: Backward<'_, E>);
}

impl<N: Network, E: Element> AnyNetwork<E> for N {
    fn prepare(&self, folded: bool, parameters: &[E], state: &[E], prepared: &mut [E]) {
        let preparation = Preparation::alone(Direction::Forward, parameters, state, prepared);
        Layer::prepare(self, Preparation { folded, ..preparation });
    }

    fn with_head<'a>(&self, x: &'a [E], copy: &'a mut [E]) -> &'a [E] {
        with_head::<N::Input, N, E>(self, x, copy)
    }

    fn forward(&self, pass: Forward<'_, E>) {
        Layer::forward(self, pass);
    }
}

impl<N: Network, E: Element> AnyDerivable<E> for N {
    fn prepares_backward(&self) -> usize {
        N::PREPARED.backward
    }

    fn prepare_backward(&self, parameters: &[E], state: &[E], prepared: &mut [E]) {
        Layer::prepare(self, Preparation::alone(Direction::Backward, parameters, state, prepared));
    }

    fn backward(&self, mut pass: Backward<'_, E>) {
        let (x, mut dx) = (pass.x, pass.dx.take());
        Layer::backward(self, Backward { dx: dx.as_deref_mut(), ..pass });
        if let Some(dx) = dx {
            self.head().backward(x, dx);
        }
    }
}

/// What the types say of a network's samples, as numbers.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Input values.
    inputs: usize,
    /// Output values.
    outputs: usize,
    /// Values that are read in place of the input.
    copied: usize,
    /// Samples that run at once.
    tile: usize,
}

impl Sizes {
    const fn of<N: Network>() -> Self {
        Self {
            inputs: <N::Input as Shape>::LEN,
            outputs: <<N as Layer<N::Input>>::Output as Shape>::LEN,
            copied: copied::<N::Input, N>(),
            tile: tile::size::<N::Input, N>(),
        }
    }
}

/// The memory of a training step, in elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Training {
    sizes: Sizes,
    gradients: usize,
    /// Values that a sample saves from forward to backward.
    saved: usize,
    /// Whether it runs on the whole batch, and not in lanes.
    whole: bool,
    scratch: Space,
}

impl Training {
    /// That of a step.
    pub(crate) const fn of<N: Network>() -> Self {
        const { assert!(N::COUPLES || N::STATE == 0, "a layer with running statistics couples its samples") };
        Self::run::<N>(N::COUPLES)
    }

    /// That of a derivation in evaluation.
    pub(crate) const fn in_evaluation<N: Network>() -> Self {
        Self::run::<N>(false)
    }

    /// In lanes, or on the whole batch.
    const fn run<N: Network>(whole: bool) -> Self {
        let scratch = if whole { N::WHOLE } else { N::SCRATCH };
        Self { sizes: Sizes::of::<N>(), gradients: N::PARAMS, saved: N::SAVED, whole, scratch }
    }

    /// Samples that run at once in a lane of `samples`.
    const fn size(&self, samples: usize) -> usize {
        if self.whole { samples } else { min(self.sizes.tile, samples) }
    }

    /// The activations and the scratch of a lane of `samples`.
    const fn room(&self, samples: usize) -> usize {
        let size = self.size(samples);
        (self.sizes.copied + 2 * self.sizes.outputs + self.saved) * size + self.scratch.elements(size)
    }

    /// A step on `samples`, with a thread for each lane.
    pub(crate) const fn elements(&self, samples: usize) -> usize {
        let lane_samples = if self.whole { samples } else { min(samples, tile::lane_samples(samples)) };
        let lanes = if samples == 0 { 1 } else { samples.div_ceil(lane_samples) };
        samples * self.sizes.inputs + lanes * (self.gradients + self.room(lane_samples))
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
pub(crate) struct Derivation<'a, E> {
    pub(crate) network: &'a dyn AnyDerivable<E>,
    pub(crate) training: Training,
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

impl<E: Element> Derivation<'_, E> {
    /// Runs forward and backward.
    ///
    /// The gradients are left in the first lane, each lane's part of the input's gradient in that lane; in training, the running
    /// statistics in `next_state`. Returns the score of all samples.
    pub(crate) fn run(&self, lanes: &mut Vec<Lane<E>>, next_state: &mut [E], upstream: Upstream<'_, E>) -> Score {
        let samples = self.x.len() / self.training.sizes.inputs.max(1);
        if self.training.whole {
            lanes.resize_with(1, Lane::default);
            self.run_lane(&mut lanes[0], 0..samples, parallel::threads(), next_state, upstream);
            return lanes[0].score;
        }
        let lane_samples = tile::lane_samples(samples);
        lanes.resize_with(samples.div_ceil(lane_samples).max(1), Lane::default);
        let threads = (parallel::threads() / lanes.len()).max(1);
        parallel::each(lanes, |index, lane| {
            let start = (index * lane_samples).min(samples);
            let end = (start + lane_samples).min(samples);
            self.run_lane(lane, start..end, threads, &mut [], upstream);
        });
        add_up(lanes)
    }

    fn run_lane(
        &self,
        lane: &mut Lane<E>,
        Range { start, end }: Range<usize>,
        threads: usize,
        next_state: &mut [E],
        upstream: Upstream<'_, E>,
    ) {
        let Training { sizes: Sizes { inputs, outputs, copied, .. }, saved, whole, .. } = self.training;
        let size = self.training.size(end - start);
        let mut buffer = self.pool.take(self.training.room(end - start));
        lane.gradients.clear();
        lane.gradients.resize(self.training.gradients, E::zero());
        lane.input_gradient.resize(if self.input { (end - start) * inputs } else { 0 }, E::zero());
        lane.score = Score::default();
        for first in (start..end).step_by(size.max(1)) {
            let samples = size.min(end - first);
            let (copy, rest) = buffer.split_at_mut(copied * samples);
            let (y, rest) = rest.split_at_mut(outputs * samples);
            let (dy, rest) = rest.split_at_mut(outputs * samples);
            let (saved, scratch) = rest.split_at_mut(saved * samples);
            let x = self.network.with_head(&self.x[first * inputs..][..samples * inputs], copy);
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
                let output = sample * outputs..(sample + 1) * outputs;
                lane.score += upstream(first + sample, &y[output.clone()], &mut dy[output]);
            }
            let dx = lane.input_gradient.get_mut((first - start) * inputs..).filter(|_| self.input);
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
                dx: dx.map(|dx| &mut dx[..samples * inputs]),
                gradients: &mut lane.gradients,
                scratch,
            });
        }
    }
}
