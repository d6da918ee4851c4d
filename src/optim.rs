//! Optimizers: one pass over the slab of parameters a step.

mod adagrad;
mod adam;
mod adam_w;
mod lion;
mod rms_prop;
mod settings;
mod sgd;

use core::ops::Range;

pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adam_w::AdamW;
pub use lion::Lion;
pub use rms_prop::RmsProp;
pub use sgd::Sgd;

use crate::element::Element;
use crate::error::Error;
use crate::misplaced::Accumulated;

/// A rule that moves parameters against their gradients.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer",
    label = "not an optimizer",
    note = "optimizers are `Sgd::new(0.1)`, `Adam::new(1e-3)` and others in `shapewright::optim`; a trainer takes a loss by `.loss(…)`"
)]
pub trait Optimizer<E: Element> {
    /// Changes the parameters by one step.
    ///
    /// # Errors
    ///
    /// [`Error::Moments`] if the optimizer has moved another number of parameters before, [`Error::Setting`] if it was made with a
    /// number that cannot be; the parameters are then as before.
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error>;

    /// The learning rate that it was made with.
    fn learning_rate(&self) -> f64;

    /// What it keeps from step to step: for checkpoints.
    fn memory(&mut self) -> &mut Memory<E>;

    /// [`step`](Optimizer::step) for parameters that are all moved alike.
    ///
    /// # Errors
    ///
    /// Those of [`step`](Optimizer::step).
    fn update(&mut self, parameters: &mut [E], gradients: &[E]) -> Result<(), Error> {
        let groups = [Group { range: 0..parameters.len(), rate: 1.0, is_weight: true }];
        self.step(Update { parameters, gradients, groups: &groups, rate: 1.0 })
    }

    #[doc(hidden)]
    fn zero_grad<Given>(&self) -> Given
    where
        Self: Accumulated<Given = Given>,
    {
        crate::__nothing_is_given()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Element, O: Optimizer<E>> Optimizer<E> for &mut O {
    fn step(&mut self, update: Update<'_, E>) -> Result<(), Error> {
        (**self).step(update)
    }

    fn learning_rate(&self) -> f64 {
        (**self).learning_rate()
    }

    fn memory(&mut self) -> &mut Memory<E> {
        (**self).memory()
    }
}

/// What an optimizer is given for a step.
#[derive(Debug)]
pub struct Update<'a, E> {
    /// All parameters.
    pub parameters: &'a mut [E],
    /// The gradient of each.
    pub gradients: &'a [E],
    /// How each is to be moved; what is in no group stays.
    pub groups: &'a [Group],
    /// The factor by which a schedule changes the learning rate.
    pub rate: f64,
}

/// Neighbouring parameters that are moved alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Where they lie in the slab.
    pub range: Range<usize>,
    /// The factor on the learning rate.
    pub rate: f64,
    /// Whether they are weights: neither biases nor the factors of a norm.
    pub is_weight: bool,
}

/// What an optimizer keeps from step to step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory<E> {
    /// Steps so far.
    pub steps: u64,
    /// Slabs as long as that of the parameters, made at the first step.
    pub moments: Vec<Vec<E>>,
}

impl<E: Element> Memory<E> {
    pub(crate) const fn new() -> Self {
        Self { steps: 0, moments: Vec::new() }
    }

    /// Begins a step of `N` moments of as many parameters; gives its number, from 1, and the moments.
    fn begin<const N: usize>(&mut self, parameters: usize) -> Result<(i32, [&mut [E]; N]), Error> {
        self.moments.resize_with(N, || vec![E::zero(); parameters]);
        if let Some(moments) = self.moments.iter().map(Vec::len).find(|&moments| moments != parameters) {
            return Err(Error::Moments { moments, parameters });
        }
        self.steps += 1;
        let step = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let moments: &mut [Vec<E>; N] = self.moments.as_mut_slice().try_into().expect("there are N of them");
        Ok((step, moments.each_mut().map(Vec::as_mut_slice)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Adagrad, Adam, AdamW, Group, Lion, Optimizer, RmsProp, Sgd, Update};

    #[test]
    fn numbers_that_cannot_be_are_refused_before_anything_moves() {
        let mut parameters = [1.0_f64; 2];
        let refused = [
            Sgd::new(f64::NAN).update(&mut parameters, &[1.0; 2]),
            Sgd::new(0.1).momentum(7.0).update(&mut parameters, &[1.0; 2]),
            Adam::new(-0.1).update(&mut parameters, &[1.0; 2]),
            Adam::new(0.1).betas(0.9, 1.0).update(&mut parameters, &[1.0; 2]),
            Adam::new(0.1).epsilon(f64::INFINITY).update(&mut parameters, &[1.0; 2]),
            AdamW::new(0.1).weight_decay(-1.0).update(&mut parameters, &[1.0; 2]),
            RmsProp::new(0.1).alpha(1.5).update(&mut parameters, &[1.0; 2]),
        ];
        let texts = refused.map(|result| result.unwrap_err().to_string());
        assert_eq!(
            texts,
            [
                "learning_rate is NaN, but must be at least 0 and finite",
                "momentum is 7, but must be at least 0 and below 1",
                "learning_rate is -0.1, but must be at least 0 and finite",
                "beta is 1, but must be at least 0 and below 1",
                "epsilon is inf, but must be at least 0 and finite",
                "weight_decay is -1, but must be at least 0 and finite",
                "alpha is 1.5, but must be at least 0 and below 1",
            ]
        );
        assert!(parameters.iter().all(|&parameter| parameter.to_bits() == 1.0_f64.to_bits()));
    }

    /// Three parameters of which the first is a weight, the second a bias at a tenth of the rate, the third frozen.
    fn moved(mut optimizer: impl Optimizer<f64>) -> [f64; 3] {
        let groups =
            [Group { range: 0..1, rate: 1.0, is_weight: true }, Group { range: 1..2, rate: 0.1, is_weight: false }];
        let mut parameters = [2.0; 3];
        for _ in 0..3 {
            optimizer
                .step(Update { parameters: &mut parameters, gradients: &[0.0, 1.0, 1.0], groups: &groups, rate: 0.5 })
                .unwrap();
        }
        parameters
    }

    #[test]
    fn groups_have_rates_of_their_own_and_only_weights_decay_where_asked() {
        let check = |[weight, bias, frozen]: [f64; 3], fall: f64, name: &str| {
            assert!(weight < 2.0 && weight > 1.9, "{name}: {weight}");
            assert!((bias - (2.0 - fall)).abs() < 1e-6, "{name}: {bias}");
            assert_eq!(frozen, 2.0, "{name}");
        };
        check(moved(Sgd::new(0.01).weight_decay(0.1).decay_weights_only()), 3.0 * 0.0005, "sgd");
        check(moved(AdamW::new(0.01).weight_decay(0.1).decay_weights_only()), 3.0 * 0.0005, "adamw");
        check(moved(Adam::new(0.01).weight_decay(0.1).decay_weights_only()), 3.0 * 0.0005, "adam");
        check(moved(Lion::new(0.01).weight_decay(0.1).decay_weights_only()), 3.0 * 0.0005, "lion");
        let adagrad = 0.0005 * (1.0 + 0.5_f64.sqrt() + (1.0_f64 / 3.0).sqrt());
        check(moved(Adagrad::new(0.01).weight_decay(0.1).decay_weights_only()), adagrad, "adagrad");
        let shares = [0.01, 0.0199, 0.029_701];
        let rms_prop: f64 = shares.iter().map(|share: &f64| 0.0005 / share.sqrt()).sum();
        let [weight, bias, frozen] = moved(RmsProp::new(0.01).weight_decay(0.1).decay_weights_only());
        assert!(weight < 2.0 && (bias - (2.0_f64 - rms_prop)).abs() < 1e-5 && frozen == 2.0, "{bias}");
    }
}
