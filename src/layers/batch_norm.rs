//! Batch normalisation.

use crate::element::Element;
use crate::init::Init;
use crate::kernels::batch_norm::{self, Channels};
use crate::kernels::simd::Processor;
use crate::layer::{Backward, Direction, End, Fold, Folding, Forward, Layer, Line, Mode, Preparation, Prepared, Space};
use crate::layers::eps::Eps;
use crate::shape::Channelled;
use crate::slots::{Slot, Slots};

/// Each channel with mean 0 and variance 1, then scaled and shifted: y = (x − μ)/√(σ² + ε) · γ + β.
///
/// In training μ and σ² (the biased one) are those of the channel's values in all samples of the batch; two running
/// statistics follow them, each by running + m·(batch − running), the variance by the unbiased one. In evaluation μ and σ² are the
/// running ones, and the layer is a scale and a shift.
///
/// [`Model::fold`](crate::Model::fold) folds it into the weights before it.
///
/// One value a channel, in a batch of one sample with one position, deviates from its mean by nothing: y = β, and the running
/// variance stays. (PyTorch refuses such a batch.)
///
/// `nn.BatchNorm1d` and `nn.BatchNorm2d` of PyTorch; Ioffe and Szegedy, 2015, <https://arxiv.org/abs/1502.03167>.
///
/// # Shapes
///
/// S → S: images and sequences by channels, features each by itself.
/// Parameters: `weight` γ (C), 1 at first, and `bias` β (C), 0 at first. Running statistics: `running_mean` (C), `running_var` (C).
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::BatchNorm;
///
/// let mut model = Model::new(net!(Vector<1> => {BatchNorm::new().eps(1e-9)}), 0);
/// let x = Batch::from([[1.0], [3.0]]);
/// assert_eq!(model.forward(&x).as_slice(), [1.0, 3.0]); // nothing learnt yet: mean 0, variance 1
/// model.backward(&x, &Batch::zeros(2));
/// assert_eq!(model.statistic("0.running_mean")?.values, [0.2]); // 0 + 0.1·(2 − 0)
/// assert_eq!(model.statistic("0.running_var")?.values, [1.1]); // 1 + 0.1·(2 − 1)
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    eps: Eps,
    momentum: f64,
}

impl BatchNorm {
    /// With ε = 1e-5 and m = 0.1.
    #[must_use]
    pub const fn new() -> Self {
        Self { eps: Eps::DEFAULT, momentum: 0.1 }
    }

    /// With another ε, which keeps the deviation away from 0.
    ///
    /// # Panics
    ///
    /// If it is not above 0 and finite.
    #[must_use]
    pub const fn eps(self, eps: f64) -> Self {
        Self { eps: Eps::new(eps), ..self }
    }

    /// With another m: the share of the newest batch in the running statistics, 0 to 1.
    ///
    /// # Panics
    ///
    /// If it is not from 0 to 1.
    #[must_use]
    pub const fn momentum(self, momentum: f64) -> Self {
        assert!(momentum >= 0.0 && momentum <= 1.0, "the momentum of a batch norm must be from 0 to 1");
        Self { momentum, ..self }
    }

    /// Turns means and variances into the shift and the scale of x̂ = scale·x + shift.
    fn invert<E: Element>(self, shift: &mut [E], scale: &mut [E]) {
        for (shift, scale) in shift.iter_mut().zip(scale) {
            *scale = (*scale + self.eps.get()).sqrt().recip();
            *shift = -*shift * *scale;
        }
    }

    /// What the norm of a channel is in evaluation.
    fn line<S: Channelled, E: Element>(self, parameters: &[E], state: &[E], channel: usize) -> Line {
        let [weight, bias] = [0, S::CHANNELS].map(|first| parameters[first + channel].as_f64());
        let [mean, variance] = [0, S::CHANNELS].map(|first| state[first + channel].as_f64());
        let slope = weight / (variance + self.eps.value()).sqrt();
        Line { slope, offset: bias - slope * mean }
    }

    /// Moves the running statistics towards those of a batch with `count` values a channel.
    fn follow<E: Element>(self, count: usize, mean: &[E], variance: &[E], state: &[E], next_state: &mut [E]) {
        let momentum = E::from_f64(self.momentum);
        let unbiased = E::from_f64(count as f64 / count.saturating_sub(1) as f64);
        let (running_mean, running_variance) = state.split_at(mean.len());
        let (next_mean, next_variance) = next_state.split_at_mut(mean.len());
        for ((next, &running), &mean) in next_mean.iter_mut().zip(running_mean).zip(mean) {
            *next = running + momentum * (mean - running);
        }
        for ((next, &running), &variance) in next_variance.iter_mut().zip(running_variance).zip(variance) {
            *next = if count > 1 { running + momentum * (unbiased * variance - running) } else { running };
        }
    }
}

impl Default for BatchNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Channelled> Layer<S> for BatchNorm {
    type Output = S;

    const PARAMS: usize = 2 * S::CHANNELS;
    const SLOTS: Slots = {
        Slots::of(
            [Slot::new("weight", &[S::CHANNELS], Init::Ones), Slot::new("bias", &[S::CHANNELS], Init::Zeros)],
            [
                Slot::new("running_mean", &[S::CHANNELS], Init::Zeros),
                Slot::new("running_var", &[S::CHANNELS], Init::Ones),
            ],
        )
    };
    const STATE: usize = 2 * S::CHANNELS;
    const COUPLES: bool = true;
    /// The shift and the scale of x̂ for each channel. Those of the batch lie with the first sample.
    const SAVED: usize = 2 * S::CHANNELS;
    const SCRATCH: Space = Space::fixed(2 * S::CHANNELS);
    /// The shift that is left of the norm when it has been folded.
    const PREPARED: Prepared = Prepared { forward: S::CHANNELS, backward: 0 };
    const TAIL: bool = true;
    const FOLD: Fold = Fold { norm: S::CHANNELS, behind: None, end: End::Other };

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        let Preparation { direction, parameters, state, prepared, .. } = preparation;
        if direction == Direction::Forward {
            for (channel, shift) in prepared.iter_mut().enumerate() {
                *shift = E::from_f64(self.line::<S, E>(parameters, state, channel).offset);
            }
        }
    }

    fn fold<E: Element>(&self, Folding { parameters, state, before, lines }: Folding<'_, E>) {
        if before == End::Other {
            return;
        }
        for channel in 0..S::CHANNELS {
            let line = self.line::<S, E>(parameters, state, channel);
            let [weight, bias] = [0, S::CHANNELS].map(|first| parameters[first + channel].as_f64());
            // The norm of the outputs as they will be: in training it gives what it gave before, in evaluation it is a shift.
            let weight = E::from_f64(weight.abs().max((2.0 * self.eps.value()).sqrt()));
            let mean = if before == End::Weights { bias - line.offset } else { bias };
            parameters[channel] = weight;
            state[channel] = E::from_f64(mean);
            state[S::CHANNELS + channel] = E::from_f64(weight.as_f64() * weight.as_f64() - self.eps.value());
            lines.push(if before == End::Weights { Line { offset: 0.0, ..line } } else { line });
        }
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let processor = Processor::best(pass.run.threads);
        let (weight, bias) = pass.parameters.split_at(S::CHANNELS);
        let room = if pass.keep { pass.saved } else { pass.scratch };
        let (shift, scale) = room[..2 * S::CHANNELS].split_at_mut(S::CHANNELS);
        match pass.run.mode {
            Mode::Train => {
                batch_norm::moments(processor, S::POSITIONS, pass.x, shift, scale);
                self.follow(pass.samples * S::POSITIONS, shift, scale, pass.state, pass.next_state);
            }
            Mode::Evaluate => {
                shift.copy_from_slice(&pass.state[..S::CHANNELS]);
                scale.copy_from_slice(&pass.state[S::CHANNELS..]);
            }
        }
        self.invert(shift, scale);
        let channels = Channels { positions: S::POSITIONS, scale, shift, weight };
        batch_norm::forward(processor, channels, bias, pass.x, pass.y, pass.epilogue);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let processor = Processor::best(pass.run.threads);
        let weight = &pass.parameters[..S::CHANNELS];
        let (shift, scale) = pass.saved[..2 * S::CHANNELS].split_at(S::CHANNELS);
        let channels = Channels { positions: S::POSITIONS, scale, shift, weight };
        let sums = &mut pass.scratch[..2 * S::CHANNELS];
        let (d_weight, d_bias) = sums.split_at_mut(S::CHANNELS);
        batch_norm::sums(processor, channels, pass.x, pass.dy, d_weight, d_bias);
        pass.gradients.iter_mut().zip(&*sums).for_each(|(gradient, &sum)| *gradient += sum);
        let Some(dx) = pass.dx else { return };
        // In training the mean and the variance, too, depend on x.
        let share = match pass.run.mode {
            Mode::Train => E::from_f64(1.0 / (pass.samples * S::POSITIONS) as f64),
            Mode::Evaluate => E::zero(),
        };
        for (index, sum) in sums.iter_mut().enumerate() {
            *sum = -*sum * share * weight[index % S::CHANNELS];
        }
        let (slope, offset) = sums.split_at(S::CHANNELS);
        batch_norm::backward(processor, channels, [slope, offset], pass.x, pass.dy, dx);
    }
}
