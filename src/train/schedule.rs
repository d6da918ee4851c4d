//! How large the steps of a training are.

use core::f64::consts::PI;

use super::report::Epoch;
use crate::misplaced::constructed;

/// The factor on an optimizer's learning rate at each step. A function of the [`Moment`] is one, too.
///
/// A schedule keeps nothing: what it needs of the past is in the moment, so that a resumed training goes on as if nothing had been.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a schedule",
    label = "not a schedule",
    note = "schedules are `Cosine`, `Exponential(0.95)` and others in `shapewright::train`, or a function that gives a factor on the optimizer's learning rate: `|at: &Moment| 1.0`"
)]
pub trait Schedule {
    /// The factor at this moment.
    fn factor(&self, at: &Moment<'_>) -> f64;
}

constructed! {
    Constant(), Cosine(Steps), OneCycle(Rate), Exponential(Factor),
    StepDecay(Epochs, Factor), MultiStep(Milestones, Factor), ReduceOnPlateau(Factor, Patience)
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Moment<'_>) -> f64> Schedule for F {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        self(at)
    }
}

/// Where a training is.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Steps taken so far.
    pub step: u64,
    /// Steps in all.
    pub steps: u64,
    /// The epochs that are over; their number is that of the current one, from 0.
    pub history: &'a [Epoch],
}

impl Moment<'_> {
    fn epoch(&self) -> f64 {
        self.history.len() as f64
    }
}

/// A learning rate that stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Constant;

impl Schedule for Constant {
    fn factor(&self, _at: &Moment<'_>) -> f64 {
        1.0
    }
}

/// γ^⌊epoch / n⌋: PyTorch's `StepLR`.
#[derive(Clone, Copy, Debug)]
pub struct StepDecay {
    /// n: after so many epochs each.
    pub epochs: usize,
    /// γ.
    pub factor: f64,
}

impl Schedule for StepDecay {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        self.factor.powf((at.epoch() / self.epochs.max(1) as f64).floor())
    }
}

/// γ for each milestone that has been passed: PyTorch's `MultiStepLR`.
#[derive(Clone, Debug)]
pub struct MultiStep {
    /// The numbers of epochs after which the rate falls.
    pub milestones: Vec<usize>,
    /// γ.
    pub factor: f64,
}

impl Schedule for MultiStep {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        let passed = self.milestones.iter().filter(|&&milestone| milestone <= at.history.len()).count();
        self.factor.powf(passed as f64)
    }
}

/// γ^epoch: PyTorch's `ExponentialLR`.
#[derive(Clone, Copy, Debug)]
pub struct Exponential(
    /// γ.
    pub f64,
);

impl Schedule for Exponential {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        self.0.powf(at.epoch())
    }
}

/// ½ · (1 + cos(π · step / steps)), from 1 to 0 (Loshchilov and Hutter, 2017, <https://arxiv.org/abs/1608.03983>).
///
/// # Examples
///
/// ```
/// use shapewright::train::{Cosine, Moment, Schedule};
///
/// let at = |step| Moment { step, steps: 1000, history: &[] };
/// assert!((Cosine.factor(&at(500)) - 0.5).abs() < 1e-12);
///
/// let warmed = Cosine::with_warmup(200);
/// assert_eq!(warmed.factor(&at(99)), 0.5);
/// assert_eq!(warmed.factor(&at(200)), 1.0);
/// assert!((warmed.factor(&at(600)) - 0.5).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Cosine;

impl Cosine {
    /// [`Cosine`] after `steps` steps of linear [`Warmup`].
    #[must_use]
    pub const fn with_warmup(steps: u64) -> Warmup<Self> {
        Warmup { steps, then: Self }
    }
}

impl Schedule for Cosine {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        0.5 * (1.0 + (PI * at.step as f64 / at.steps.max(1) as f64).cos())
    }
}

/// A learning rate that rises linearly over the first steps, then another schedule over those that are left.
#[derive(Clone, Copy, Debug)]
pub struct Warmup<S = Constant> {
    /// Steps to rise in.
    pub steps: u64,
    /// What comes then.
    pub then: S,
}

impl<S: Schedule> Schedule for Warmup<S> {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        if at.step < self.steps {
            (at.step + 1) as f64 / self.steps as f64
        } else {
            let (step, steps) = (at.step - self.steps, at.steps.saturating_sub(self.steps));
            self.then.factor(&Moment { step, steps, ..*at })
        }
    }
}

/// One cycle (Smith and Topin, 2018, <https://arxiv.org/abs/1708.07120>): from 1/25 to 1 over the first 30 % of the steps and to
/// 1/250,000 over the others, along cosines, as PyTorch's `OneCycleLR` (without its cycle of momentum).
#[derive(Clone, Copy, Debug, Default)]
pub struct OneCycle;

impl Schedule for OneCycle {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        let between = |from: f64, to: f64, share: f64| to + (from - to) / 2.0 * (1.0 + (PI * share).cos());
        let (step, peak, end) = (at.step as f64, 0.3 * at.steps as f64 - 1.0, at.steps as f64 - 1.0);
        if step <= peak {
            between(1.0 / 25.0, 1.0, step / peak.max(f64::MIN_POSITIVE))
        } else {
            between(1.0, 1.0 / 250_000.0, (step - peak) / (end - peak))
        }
    }
}

/// A factor γ each time that the held-out loss has not fallen for more than `patience` epochs: PyTorch's `ReduceLROnPlateau`. A fall
/// of less than 0.01 % is none.
#[derive(Clone, Copy, Debug)]
pub struct ReduceOnPlateau {
    /// γ.
    pub factor: f64,
    /// Epochs to wait.
    pub patience: usize,
}

impl Schedule for ReduceOnPlateau {
    fn factor(&self, at: &Moment<'_>) -> f64 {
        let (mut best, mut waited, mut factor) = (f64::INFINITY, 0, 1.0);
        for epoch in at.history {
            if epoch.held_out_loss < best * (1.0 - 1e-4) {
                (best, waited) = (epoch.held_out_loss, 0);
            } else {
                waited += 1;
            }
            if waited > self.patience {
                (waited, factor) = (0, factor * self.factor);
            }
        }
        factor
    }
}
