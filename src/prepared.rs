//! What a network has made of its parameters and running statistics, kept until they change.

use core::ops::Deref;
use std::sync::{PoisonError, RwLock};

use crate::element::Element;
use crate::exec::{AnyDerivable, AnyNetwork};

/// The prepared parameters of both directions. All memory is there from the beginning.
#[derive(Debug)]
pub(crate) struct Prepared<E> {
    forward: RwLock<Kept<E>>,
    backward: Vec<E>,
    /// Whether the parameters are those that folding has left.
    folded: bool,
}

/// Values, and whether they still belong to the parameters.
#[derive(Debug)]
struct Kept<E> {
    values: Vec<E>,
    /// If so, whether for inference of a folded model.
    folded: Option<bool>,
}

impl<E: Element> Prepared<E> {
    /// Room for as many values forward.
    pub(crate) fn new(forward: usize) -> Self {
        Self {
            forward: RwLock::new(Kept { values: vec![E::zero(); forward], folded: None }),
            backward: Vec::new(),
            folded: false,
        }
    }

    /// To be called whenever the parameters or the running statistics change.
    pub(crate) fn outdate(&mut self) {
        self.folded = false;
        self.forward.get_mut().unwrap_or_else(PoisonError::into_inner).folded = None;
    }

    /// To be called when batch norms have been folded.
    pub(crate) fn fold(&mut self) {
        self.outdate();
        self.folded = true;
    }

    /// Whether nothing has changed since then.
    pub(crate) fn is_folded(&self) -> bool {
        self.folded
    }

    /// What inference reads, made now if it is not there.
    pub(crate) fn forward(
        &self,
        network: &dyn AnyNetwork<E>,
        parameters: &[E],
        state: &[E],
    ) -> impl Deref<Target = [E]> {
        loop {
            let kept = self.forward.read().unwrap_or_else(PoisonError::into_inner);
            if kept.folded == Some(self.folded) {
                return Values(kept);
            }
            drop(kept);
            let mut kept = self.forward.write().unwrap_or_else(PoisonError::into_inner);
            kept.prepare(network, parameters, state, self.folded);
        }
    }

    /// What a training step reads, forward and backward.
    pub(crate) fn both(&mut self, network: &dyn AnyDerivable<E>, parameters: &[E], state: &[E]) -> [&[E]; 2] {
        let kept = self.forward.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.prepare(network, parameters, state, false);
        self.backward.resize(network.prepares_backward(), E::zero());
        network.prepare_backward(parameters, state, &mut self.backward);
        [&kept.values, &self.backward]
    }
}

impl<E: Element> Kept<E> {
    fn prepare(&mut self, network: &dyn AnyNetwork<E>, parameters: &[E], state: &[E], folded: bool) {
        if self.folded != Some(folded) {
            network.prepare(folded, parameters, state, &mut self.values);
            self.folded = Some(folded);
        }
    }
}

/// A reader's hold on the values.
struct Values<Guard>(Guard);

impl<E, Guard: Deref<Target = Kept<E>>> Deref for Values<Guard> {
    type Target = [E];

    fn deref(&self) -> &[E] {
        &self.0.values
    }
}
