//! Ten steps of each optimizer against PyTorch's.

use shapewright::optim::Optimizer;
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
