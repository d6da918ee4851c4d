//! What a network gives in training, which a model shows to its loss alone.

use std::sync::Mutex;

use shapewright::prelude::*;
use shapewright::{Element, Gradients, Loss, Network, OutputOf, Shape};

/// Σ y·dy as a loss, whose gradient is dy. It remembers every y.
struct Upstream<'a, S: Shape, E: Element> {
    dy: &'a Batch<S, E>,
    seen: Mutex<Batch<S, f64>>,
}

impl<S: Shape, F: Element> Loss<S, ()> for Upstream<'_, S, F> {
    fn samples(&self, (): &()) -> usize {
        self.dy.len()
    }

    fn normaliser(&self, (): &()) -> f64 {
        1.0
    }

    fn sample<E: Element>(&self, (): &(), index: usize, _normaliser: f64, y: &[E], dy: &mut [E]) -> f64 {
        let mut seen = self.seen.lock().expect("no test has panicked here");
        seen.as_mut_slice()[index * S::LEN..].iter_mut().zip(y).for_each(|(seen, y)| *seen = y.as_f64());
        let upstream = self.dy.sample(index);
        dy.iter_mut().zip(upstream).for_each(|(dy, value)| *dy = E::from_f64(value.as_f64()));
        y.iter().zip(upstream).map(|(y, dy)| y.as_f64() * dy.as_f64()).sum()
    }
}

/// One pass in training: the outputs, and the gradients for the upstream gradient `dy`.
pub(crate) fn train<N: Network, E: Element>(
    model: &mut Model<N, E>,
    x: &Batch<N::Input, E>,
    dy: &Batch<OutputOf<N>, E>,
) -> (Batch<OutputOf<N>, E>, Gradients<N::Input, E>) {
    let upstream = Upstream { dy, seen: Mutex::new(Batch::zeros(dy.len())) };
    let (_, gradients) = model.gradients_with_input(x, &(), &upstream).expect("as many targets as samples, and some");
    (upstream.seen.into_inner().expect("no test has panicked here").cast(), gradients)
}
