//! What every stage of a network gives for one sample.

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Direction, Forward, Head, Layer, Mode, Run};
use crate::outline::Outline;
use crate::shape::Shape;
use crate::tile;

/// What one stage gave for one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<E> {
    /// Where the stage stands: `0`, `fc1`, as parameters are named.
    pub name: String,
    /// The layer: `Conv2d`.
    pub kind: String,
    /// The sizes: (channels, rows, columns), (channels, length) or (features).
    pub dims: &'static [usize],
    /// The values.
    pub values: Vec<E>,
}

/// A sample on its way through a network.
#[derive(Debug)]
pub struct Watch<'a, E> {
    outline: Outline,
    parameters: &'a [E],
    state: &'a [E],
    x: Vec<E>,
    seen: Vec<Seen<E>>,
}

impl<'a, E: Element> Watch<'a, E> {
    pub(crate) fn new(x: &[E], parameters: &'a [E], state: &'a [E]) -> Self {
        Self { outline: Outline::new(), parameters, state, x: x.to_vec(), seen: Vec::new() }
    }

    pub(crate) fn finish(self) -> Vec<Seen<E>> {
        self.seen
    }

    /// Runs a layer that is one stage.
    ///
    /// # Panics
    ///
    /// If the layer takes other parameters or statistics than it says.
    pub fn stage<I: Shape, L: Layer<I>>(&mut self, layer: &L) {
        let (parameters, behind) = self.parameters.split_at(L::PARAMS);
        let (state, state_behind) = self.state.split_at(L::STATE);
        (self.parameters, self.state) = (behind, state_behind);
        if L::HEAD != Head::Own {
            layer.head().apply(&mut self.x); // elsewhere whoever writes the input does
        }
        if L::HEAD != Head::Whole {
            let mut prepared = vec![E::zero(); L::PREPARED.forward];
            layer.prepare(Direction::Forward, parameters, state, &mut prepared);
            let mut scratch = vec![E::zero(); tile::space::<I, L>(1).elements(1)];
            let mut y = vec![E::zero(); L::Output::LEN];
            tile::forward(
                layer,
                Forward {
                    run: Run::alone(Mode::Evaluate, 1),
                    keep: false,
                    samples: 1,
                    parameters,
                    prepared: &prepared,
                    state,
                    next_state: &mut [],
                    x: &self.x,
                    y: &mut y,
                    saved: &mut [],
                    shift: &[],
                    normed: false,
                    scratch: &mut scratch,
                    epilogue: Activation::Identity,
                },
            );
            self.x = y;
        }
        self.outline.stage::<I, L>(layer);
        let stage = self.outline.stages().last().expect("one has just been added");
        let (name, kind) = (stage.name.clone(), stage.kind.clone());
        self.seen.push(Seen { name, kind, dims: L::Output::DIMS, values: self.x.clone() });
    }

    /// Names the next stage.
    pub fn label(&mut self, label: &'static str) {
        self.outline.label(label);
    }

    /// Runs a chain that counts as one stage.
    pub fn group(&mut self, body: impl FnOnce(&mut Self)) {
        let outer = self.outline.open();
        body(self);
        self.outline.close(outer);
    }
}
