//! Optimizers against PyTorch's: ten steps with a model, and a hundred of each by itself.

use shapewright::optim::{Adagrad, Lion, Optimizer, RmsProp};
use shapewright::prelude::*;
use shapewright::{Element, Penalised};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/optimizers.safetensors"));

net! { Small: Image<1, 4, 4> => Vector<3> = conv(1=>2, k3) >> tanh >> flatten >> dense(3) }

/// Fails unless ten steps lead where PyTorch's lead, with a penalty on weights of so much.
fn check<E: Element>(name: &str, penalty: f64, optimizer: &mut impl Optimizer<E>) {
    let (x, labels) = (FIXTURES.batch(&format!("{name}/x")), FIXTURES.labels::<3>(&format!("{name}/targets")));
    let stored = FIXTURES.values(&format!("{name}/trajectory")).expect(name);
    let mut model = Model::new(Small, 0).cast::<E>();
    let start = model.parameters_mut();
    start.iter_mut().zip(&stored).for_each(|(parameter, &start)| *parameter = E::from_f64(start));
    let mut trajectory = start.to_vec();
    for _ in 0..10 {
        model.step(&x, &labels, &Penalised::new(CrossEntropy, penalty), optimizer).expect("a finite loss");
        trajectory.extend_from_slice(model.parameters());
    }
    FIXTURES.compare(&format!("{name}/trajectory"), &trajectory);
}

/// A line for each configuration, in both precisions: its name in the file, the penalty on weights, and the optimizer.
macro_rules! trajectories {
    ($($test:ident { $($name:literal: $penalty:literal, $optimizer:expr;)* })*) => { $(
        #[test]
        fn $test() {
            $(
                check::<f64>($name, $penalty, &mut $optimizer);
                check::<f32>($name, $penalty, &mut $optimizer);
            )*
        }
    )* };
}

trajectories! {
    gradient_descent {
        "sgd": 0.0, Sgd::new(0.1);
        "sgd.fast": 0.0, Sgd::new(1.0);
        "sgd.momentum": 0.0, Sgd::new(0.1).momentum(0.9);
        "sgd.half_momentum": 0.0, Sgd::new(0.3).momentum(0.5);
        "sgd.penalty": 0.05, Sgd::new(0.1).momentum(0.9);
    }
    adaptive_moments {
        "adam": 0.0, Adam::new(1e-2);
        "adam.fast": 0.0, Adam::new(0.3);
        "adam.betas": 0.0, Adam::new(1e-2).betas(0.8, 0.95);
        "adam.epsilon": 0.0, Adam::new(1e-2).epsilon(1e-3);
        "adam.penalty": 0.05, Adam::new(1e-2);
    }
}

/// Fails unless a hundred steps in a noisy bowl lead where PyTorch's lead in the same precision, seen at every tenth: to 10⁻⁶ in single, to
/// 10⁻¹² in double, relative to parameters above 1.
fn descend<E: Element>(name: &str, mut optimizer: impl Optimizer<E>) {
    let values = |name: &str| -> Vec<E> { FIXTURES.values(name).expect(name).into_iter().map(E::from_f64).collect() };
    let [mut parameters, centre, stiffness, noise] =
        ["start", "centre", "stiffness", "noise"].map(|part| values(&format!("bowl/{part}")));
    let theirs = FIXTURES.values(&format!("descent/{name}/{}", size_of::<E>())).expect(name);
    let (len, mut ours) = (parameters.len(), Vec::new());
    for (step, noise) in noise.chunks(len).enumerate() {
        let gradient = |index: usize| stiffness[index] * (parameters[index] - centre[index]) + noise[index];
        let gradients: Vec<E> = (0..len).map(gradient).collect();
        optimizer.update(&mut parameters, &gradients).expect("a step");
        if step % 10 == 9 {
            ours.extend_from_slice(&parameters);
        }
    }
    assert_eq!((ours.len(), len), (theirs.len(), 12), "{name}");
    let tolerance = if E::epsilon().as_f64() < 1e-9 { 1e-12 } else { 1e-6 };
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let error = (ours.as_f64() - theirs).abs();
        assert!(
            error <= tolerance * theirs.abs().max(1.0),
            "{name}, step {}: {ours} and {theirs}",
            10 + index / len * 10
        );
    }
}

/// A line for each configuration, in both precisions: its name in the file, and the optimizer.
macro_rules! descents {
    ($($test:ident { $($name:literal: $optimizer:expr;)* })*) => { $(
        #[test]
        fn $test() {
            $(
                descend::<f64>($name, $optimizer);
                descend::<f32>($name, $optimizer);
            )*
        }
    )* };
}

descents! {
    a_hundred_steps_of_gradient_descent {
        "sgd": Sgd::new(0.1);
        "sgd.decay": Sgd::new(0.1).weight_decay(0.2);
        "sgd.momentum": Sgd::new(0.05).momentum(0.9);
        "sgd.momentum.decay": Sgd::new(0.05).momentum(0.9).weight_decay(0.2);
        "sgd.nesterov": Sgd::new(0.05).momentum(0.9).nesterov();
        "sgd.nesterov.decay": Sgd::new(0.05).momentum(0.8).nesterov().weight_decay(0.2);
    }
    a_hundred_steps_of_adam {
        "adam": Adam::new(0.02);
        "adam.betas": Adam::new(0.02).betas(0.8, 0.95);
        "adam.epsilon": Adam::new(0.02).epsilon(0.01);
        "adam.decay": Adam::new(0.02).weight_decay(0.2);
    }
    a_hundred_steps_of_adam_w {
        "adamw": AdamW::new(0.02);
        "adamw.betas": AdamW::new(0.02).betas(0.8, 0.95);
        "adamw.epsilon": AdamW::new(0.02).epsilon(0.01);
        "adamw.decay": AdamW::new(0.02).weight_decay(0.5);
    }
    a_hundred_steps_of_rms_prop {
        "rmsprop": RmsProp::new(0.01);
        "rmsprop.alpha": RmsProp::new(0.01).alpha(0.9);
        "rmsprop.epsilon": RmsProp::new(0.01).epsilon(0.01);
        "rmsprop.momentum": RmsProp::new(0.01).momentum(0.5);
        "rmsprop.decay": RmsProp::new(0.01).weight_decay(0.2);
    }
    a_hundred_steps_of_adagrad {
        "adagrad": Adagrad::new(0.1);
        "adagrad.fall": Adagrad::new(0.1).learning_rate_decay(0.02);
        "adagrad.epsilon": Adagrad::new(0.1).epsilon(0.01);
        "adagrad.decay": Adagrad::new(0.1).weight_decay(0.2);
    }
    a_hundred_steps_of_lion {
        "lion": Lion::new(0.03);
        "lion.betas": Lion::new(0.03).betas(0.8, 0.95);
        "lion.decay": Lion::new(0.03).weight_decay(0.5);
    }
}
