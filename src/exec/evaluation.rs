//! Evaluation of a batch: each lane takes a part of it, tile by tile.

use super::{AnyNetwork, Sizes, min};
use crate::activation::Activation;
use crate::element::Element;
use crate::fresh;
use crate::layer::{Forward, Layouts, Mode, Run, Space};
use crate::network::Network;
use crate::parallel;
use crate::plan::Figure;

/// Multiply-accumulates, and values in and out, that make a lane of inference worth its while: some microseconds.
const LANE_WORK: usize = 500_000;
/// Multiply-accumulates of its largest layer from which a network's layers are divided among threads where there are fewer lanes
/// than threads.
const LAYER_WORK: usize = 4_000_000;
/// The same for the parameters of a layer, which a dense layer waits for.
const LAYER_PARAMS: usize = LAYER_WORK / 8;

/// How a network is evaluated over a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inference {
    sizes: Sizes,
    /// Multiply-accumulates of a sample, and its values in and out.
    work: usize,
    /// Whether a layer is worth dividing among threads.
    divides: bool,
    scratch: Space,
}

impl Inference {
    pub(crate) const fn of<N: Network>() -> Self {
        let sizes = Sizes::of::<N>();
        Self {
            sizes,
            work: N::MACS + sizes.inputs + sizes.outputs,
            divides: N::PLAN.largest(Figure::Macs) > LAYER_WORK || N::PLAN.largest(Figure::Params) > LAYER_PARAMS,
            scratch: N::INFERENCE,
        }
    }

    /// Values of scratch that a lane of `samples` needs.
    pub(crate) const fn room(&self, samples: usize) -> usize {
        let size = min(self.sizes.tile, samples);
        self.sizes.copied * size + self.scratch.elements(size)
    }

    /// Values of scratch that a lane of any number of samples needs.
    pub(crate) const fn room_of_any(&self) -> usize {
        self.room(usize::MAX)
    }

    /// Values of scratch that `samples` need on as many threads.
    pub(crate) fn room_on(&self, samples: usize, threads: usize) -> usize {
        let lanes = self.lanes(samples, threads);
        lanes * self.room(samples.div_ceil(lanes)).max(1)
    }

    /// Lanes that are worth their while for `samples` on as many threads.
    fn lanes(&self, samples: usize, threads: usize) -> usize {
        threads.min(samples).min(1 + samples * self.work / LANE_WORK).max(1)
    }
}

/// A network about to be evaluated, and what it reads besides its input.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a, E> {
    pub(crate) network: &'a dyn AnyNetwork<E>,
    pub(crate) inference: Inference,
    pub(crate) parameters: &'a [E],
    pub(crate) prepared: &'a [E],
    pub(crate) state: &'a [E],
    /// Whether batch norms have been folded.
    pub(crate) folded: bool,
}

impl<E: Element> Evaluation<'_, E> {
    /// Evaluates `x` into `y`.
    pub(crate) fn infer(&self, x: &[E], y: &mut [E], scratch: &mut [E], threads: usize) {
        self.infer_tiles(x, y, |tile| tile, scratch, threads);
    }

    /// Evaluates `x` into values of their own.
    pub(crate) fn infer_fresh(&self, x: &[E], scratch: &mut [E], threads: usize) -> Vec<E> {
        let Sizes { inputs, outputs, .. } = self.inference.sizes;
        fresh::vector(x.len() / inputs * outputs, |y| self.infer_tiles(x, y, fresh::zeroed, scratch, threads))
    }

    /// Evaluates `x` into `y`: each lane takes a part of the batch, tile by tile. `values` makes values of a tile's memory.
    fn infer_tiles<M: Send>(
        &self,
        x: &[E],
        y: &mut [M],
        values: fn(&mut [M]) -> &mut [E],
        scratch: &mut [E],
        threads: usize,
    ) {
        let Sizes { inputs, outputs, copied, tile } = self.inference.sizes;
        let samples = y.len() / outputs.max(1);
        let lanes = self.inference.lanes(samples, threads);
        let threads = if self.inference.divides { threads / lanes } else { 1 };
        let lane_samples = samples.div_ceil(lanes);
        if lane_samples == 0 {
            return;
        }
        let run = Run { folded: self.folded, ..Run::alone(Mode::Evaluate, threads) };
        let room = self.inference.room(lane_samples).max(1);
        let lane = |lane: usize, y: &mut [M], scratch: &mut [E]| {
            let x = &x[lane * lane_samples * inputs..];
            for (x, y) in x.chunks(tile * inputs).zip(y.chunks_mut(tile * outputs).map(values)) {
                let samples = y.len() / outputs;
                let (copy, scratch) = scratch.split_at_mut(copied * samples);
                self.network.forward(Forward {
                    run,
                    keep: false,
                    samples,
                    layouts: Layouts::PLANAR,
                    parameters: self.parameters,
                    prepared: self.prepared,
                    state: self.state,
                    next_state: &mut [],
                    x: self.network.with_head(&x[..samples * inputs], copy),
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
            parallel::enter(|| parallel::chunks((y, lane_samples * outputs), (scratch, room), lane));
        } else {
            parallel::chunks((y, lane_samples * outputs), (scratch, room), lane);
        }
    }
}
