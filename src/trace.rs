//! Where a number that is not finite came from: found by running the batch again, stage by stage.

use core::fmt;

use crate::element::Element;
use crate::layer::{Backward, Direction, Head, Layer, Mode, Preparation, Run};
use crate::network::Network;
use crate::noise::Noise;
use crate::parallel;
use crate::shape::Shape;
use crate::tile;
use crate::watch::{Seen, Watch, scratch};

/// The first of what a step calculates that is not finite: from the batch forward to the loss, and from there back; or of what an
/// evaluation does, which only goes forward.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A sample of the batch.
    Input {
        /// Which, counted from 0.
        sample: usize,
    },
    /// What a stage gives.
    Output {
        /// Where the stage stands: `0`, `fc1`, as parameters are named.
        stage: String,
        /// The layer: `Conv2d`.
        kind: String,
        /// For which sample of the batch, counted from 0.
        sample: usize,
    },
    /// The loss or its gradient, of outputs that are finite.
    Loss {
        /// Of which sample, counted from 0.
        sample: usize,
    },
    /// The gradient of a stage's parameters or of its input.
    Gradient {
        /// Where the stage stands.
        stage: String,
        /// The layer.
        kind: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { sample } => write!(f, "sample {sample} of the batch is not finite itself"),
            Self::Output { stage, kind, sample } => {
                write!(f, "the first output that is not finite is that of stage `{stage}` ({kind}) for sample {sample}")
            }
            Self::Loss { sample } => {
                write!(f, "the outputs are finite, but the loss of sample {sample} or its gradient is not")
            }
            Self::Gradient { stage, kind } => {
                write!(f, "on the way back the first gradient that is not finite is that of stage `{stage}` ({kind})")
            }
        }
    }
}

/// A step of training that is to be run again, or an evaluation, which has no way back.
pub(crate) struct Trace<'a, N, E> {
    pub(crate) network: &'a N,
    pub(crate) mode: Mode,
    pub(crate) parameters: &'a [E],
    pub(crate) state: &'a [E],
    pub(crate) noise: Noise,
}

impl<N: Network, E: Element> Trace<'_, N, E> {
    /// The first of what is calculated from `x` that is not finite; `None` if that is only a sum over samples. `upstream` is given
    /// the number of a sample and its output, writes the gradient of that output and returns the sample's share of the loss.
    pub(crate) fn origin(&self, x: &[E], upstream: impl Fn(usize, &[E], &mut [E]) -> f64) -> Option<Origin> {
        let len = <N::Input as Shape>::LEN;
        let together = if self.couples() { x.len() } else { len };
        x.chunks(together.max(1)).enumerate().find_map(|(part, x)| self.of(part * together / len, x, &upstream))
    }

    /// As [`origin`](Self::origin), of samples that are run together; `first` is the number of the first.
    fn of(&self, first: usize, x: &[E], upstream: &impl Fn(usize, &[E], &mut [E]) -> f64) -> Option<Origin> {
        let samples = x.len() / <N::Input as Shape>::LEN;
        let sample = |values: &[E]| {
            let position = values.iter().position(|value| !value.is_finite())?;
            Some(first + position / (values.len() / samples))
        };
        if let Some(sample) = sample(x) {
            return Some(Origin::Input { sample });
        }
        let run = self.run(first);
        let mut watch = Watch::forward(run, x, samples, self.parameters, self.state);
        Layer::<N::Input>::watch(self.network, &mut watch);
        let (stages, saved) = watch.seen();
        for Seen { name, kind, values, .. } in &stages {
            if let Some(sample) = sample(values) {
                return Some(Origin::Output { stage: name.clone(), kind: kind.clone(), sample });
            }
        }
        let y = stages.last().map_or(x, |stage| &stage.values);
        let mut dy = vec![E::zero(); y.len()];
        let len = y.len() / samples;
        for (index, (y, dy)) in y.chunks(len).zip(dy.chunks_mut(len)).enumerate() {
            let loss = upstream(first + index, y, dy);
            if !loss.is_finite() || dy.iter().any(|value| !value.is_finite()) {
                return Some(Origin::Loss { sample: first + index });
            }
        }
        if self.mode == Mode::Evaluate {
            return None;
        }
        for (index, Seen { name, kind, values, .. }) in stages.iter().enumerate().rev() {
            let x = index.checked_sub(1).map_or(x, |before| &stages[before].values);
            let back = Back { ahead: Some(index), x, y: values, saved: &saved[index], dy, gradients: Vec::new() };
            let back = self.back(run, samples, back)?;
            if back.dy.iter().chain(&back.gradients).any(|value| !value.is_finite()) {
                return Some(Origin::Gradient { stage: name.clone(), kind: kind.clone() });
            }
            dy = back.dy;
        }
        None
    }

    /// How the samples from number `first` on are run: alone, or all together where a layer couples them.
    fn run(&self, first: usize) -> Run {
        let whole = self.couples();
        let threads = if whole { parallel::threads() } else { 1 };
        Run { whole, noise: self.noise.at_sample(first), ..Run::alone(self.mode, threads) }
    }

    /// Whether samples are run together.
    fn couples(&self) -> bool {
        N::COUPLES && self.mode == Mode::Train
    }

    /// Runs one stage backward.
    fn back<'a>(&'a self, run: Run, samples: usize, back: Back<'a, E>) -> Option<Back<'a, E>> {
        let mut watch = Watch::backward(run, back, samples, self.parameters, self.state);
        Layer::<N::Input>::watch(self.network, &mut watch);
        watch.back()
    }
}

/// One stage that is run backward.
#[derive(Debug)]
pub(crate) struct Back<'a, E> {
    /// How many stages are still before it; none when it has been run.
    ahead: Option<usize>,
    x: &'a [E],
    y: &'a [E],
    saved: &'a [E],
    /// The gradient of its output, then that of its input.
    dy: Vec<E>,
    /// Those of its parameters.
    gradients: Vec<E>,
}

impl<E: Element> Back<'_, E> {
    /// Runs the layer backward if it is the one.
    pub(crate) fn stage<I: Shape, L: Layer<I>>(
        &mut self,
        layer: &L,
        run: Run,
        samples: usize,
        parameters: &[E],
        state: &[E],
    ) {
        let Some(ahead) = self.ahead else { return };
        self.ahead = ahead.checked_sub(1);
        if ahead > 0 {
            return;
        }
        if L::HEAD == Head::Whole {
            return layer.head().backward(self.y, &mut self.dy);
        }
        let mut x = self.x.to_vec();
        if L::HEAD == Head::Activation {
            layer.head().apply(&mut x);
        }
        let mut prepared = vec![E::zero(); L::PREPARED.backward];
        layer.prepare(Preparation::alone(Direction::Backward, parameters, state, &mut prepared));
        let mut dx = vec![E::zero(); x.len()];
        self.gradients.resize(L::PARAMS, E::zero());
        tile::backward(
            layer,
            Backward {
                run,
                samples,
                parameters,
                prepared: &prepared,
                state,
                x: &x,
                activated: self.y,
                saved: self.saved,
                dy: &mut self.dy,
                dx: Some(&mut dx),
                gradients: &mut self.gradients,
                scratch: &mut vec![E::zero(); scratch::<I, L>(run).elements(samples)],
            },
        );
        if L::HEAD == Head::Activation {
            layer.head().backward(&x, &mut dx);
        }
        self.dy = dx;
    }
}

#[cfg(test)]
mod tests {
    use super::{Back, Trace};
    use crate::layer::{Layer, Mode};
    use crate::loss::Loss;
    use crate::network::Network;
    use crate::noise::Noise;
    use crate::prelude::*;
    use crate::shape::Shape;
    use crate::watch::Watch;

    net! {
        Alone: Image<2, 8, 8> => Vector<3> =
            prelu >> conv(6, k3, pad1) >> relu >> dropout(0.3) >> residual(relu >> conv(6, k3, pad1) >> tanh) >> relu
            >> pool2 >> inner: (conv(4, k1) >> sigmoid >> dropout(0.2)) >> layernorm >> flatten >> dense(3);
        Together: Image<2, 8, 8> => Vector<3> =
            relu >> conv(6, k3, pad1, nobias) >> batchnorm >> relu >> dropout(0.3)
            >> repeat(2, residual(batchnorm >> relu >> conv(6, k3, pad1))) >> concat(conv(4, k1) | pool2 >> upsample(2))
            >> flatten >> dense(8) >> batchnorm >> tanh >> dense(3)
    }

    /// Fails unless the stages, each run by itself, give the gradients of a step.
    fn check<N: Network<Input = Image<2, 8, 8>, Output = Vector<3>>>(network: N) {
        let mut model = Model::new(network, 3).cast::<f64>();
        let labels = Labels::new(&[0, 2, 1, 1, 0]).unwrap();
        let x = Batch::from_fn(5, |sample, index| f64::from(u32::try_from(sample * 128 + index).unwrap()).sin());
        let (parameters, state) =
            (model.parameters().to_vec(), model.statistics().flat_map(|s| s.values.to_vec()).collect::<Vec<_>>());
        let (_, expected) = model.gradients_with_input(&x, &labels, &CrossEntropy).unwrap();
        let (network, mode, noise) = (model.network(), Mode::Train, Noise::new(3, 0));
        let trace = Trace { network, mode, parameters: &parameters, state: &state, noise };

        let len = <Image<2, 8, 8> as Shape>::LEN;
        let together = if N::COUPLES { 5 } else { 1 };
        let mut sums = vec![0.0; parameters.len()];
        let mut inputs = Vec::new();
        for (part, x) in x.as_slice().chunks(together * len).enumerate() {
            let run = trace.run(part * together);
            let mut watch = Watch::forward(run, x, together, &parameters, &state);
            Layer::<N::Input>::watch(trace.network, &mut watch);
            let (stages, saved) = watch.seen();
            let y = &stages.last().unwrap().values;
            let mut dy = vec![0.0; y.len()];
            for (index, (y, dy)) in y.chunks(3).zip(dy.chunks_mut(3)).enumerate() {
                Loss::<Vector<3>, _>::sample(&CrossEntropy, &labels, part * together + index, 5.0, y, dy);
            }
            let mut end = parameters.len();
            for (index, stage) in stages.iter().enumerate().rev() {
                let x = index.checked_sub(1).map_or(x, |before| &stages[before].values);
                let back =
                    Back { ahead: Some(index), x, y: &stage.values, saved: &saved[index], dy, gradients: Vec::new() };
                let back = trace.back(run, together, back).unwrap();
                let start = end - back.gradients.len();
                sums[start..end].iter_mut().zip(&back.gradients).for_each(|(sum, part)| *sum += part);
                (end, dy) = (start, back.dy);
            }
            inputs.extend(dy);
        }
        let gradients: Vec<f64> = expected.params().flat_map(|gradient| gradient.values.to_vec()).collect();
        let close = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close(&sums, &gradients));
        assert!(close(&inputs, expected.input().unwrap().as_slice()));
    }

    #[test]
    fn stages_give_the_gradients_of_a_step() {
        check(Alone);
        check(Together);
    }
}
