//! A network run stage by stage: what every stage gives.

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Direction, Forward, Head, Layer, Layouts, Mode, Preparation, Run, Space};
use crate::outline::Outline;
use crate::shape::Shape;
use crate::tile;
use crate::trace::Back;

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

/// Samples on their way through a network.
#[derive(Debug)]
pub struct Watch<'a, E> {
    outline: Outline,
    parameters: &'a [E],
    state: &'a [E],
    run: Run,
    samples: usize,
    x: Vec<E>,
    seen: Vec<Seen<E>>,
    /// What each stage saved for a backward pass, in training.
    saved: Vec<Vec<E>>,
    /// The one stage that is to be run backward instead, if there is one.
    back: Option<Back<'a, E>>,
}

impl<'a, E: Element> Watch<'a, E> {
    /// Samples on their way forward.
    pub(crate) fn forward(run: Run, x: &[E], samples: usize, parameters: &'a [E], state: &'a [E]) -> Self {
        let (x, outline, seen, saved) = (x.to_vec(), Outline::new(), Vec::new(), Vec::new());
        Self { outline, parameters, state, run, samples, x, seen, saved, back: None }
    }

    /// Samples on their way back through one stage.
    pub(crate) fn backward(run: Run, back: Back<'a, E>, samples: usize, parameters: &'a [E], state: &'a [E]) -> Self {
        Self { back: Some(back), ..Self::forward(run, &[], samples, parameters, state) }
    }

    /// What each stage gave, and what it saved.
    pub(crate) fn seen(self) -> (Vec<Seen<E>>, Vec<Vec<E>>) {
        (self.seen, self.saved)
    }

    /// What the stage that was run backward gave.
    pub(crate) fn back(self) -> Option<Back<'a, E>> {
        self.back
    }

    /// Runs a layer that is one stage.
    ///
    /// # Panics
    ///
    /// If the layer takes other parameters or statistics than it says.
    pub fn stage<I: Shape, L: Layer<I>>(&mut self, layer: &L) {
        let (parameters, behind) = self.parameters.split_at(L::PARAMS);
        let (state, state_behind) = self.state.split_at(L::STATE);
        let (run, samples) = (self.run, self.samples);
        (self.parameters, self.state, self.run) = (behind, state_behind, run.behind(L::DRAWS));
        if let Some(back) = &mut self.back {
            return back.stage::<I, L>(layer, run, samples, parameters, state);
        }
        let keep = run.mode == Mode::Train;
        let mut saved = vec![E::zero(); if keep { samples * L::SAVED } else { 0 }];
        if L::HEAD != Head::Own {
            layer.head().apply(&mut self.x); // elsewhere whoever writes the input does
        }
        if L::HEAD != Head::Whole {
            let mut prepared = vec![E::zero(); L::PREPARED.forward];
            layer.prepare(Preparation::alone(Direction::Forward, parameters, state, &mut prepared));
            let mut y = vec![E::zero(); samples * L::Output::LEN];
            tile::forward(
                layer,
                Forward {
                    run,
                    keep,
                    samples,
                    layouts: Layouts::PLANAR,
                    parameters,
                    prepared: &prepared,
                    state,
                    next_state: &mut vec![E::zero(); if keep { L::STATE } else { 0 }],
                    x: &self.x,
                    y: &mut y,
                    saved: &mut saved,
                    shift: &[],
                    normed: false,
                    scratch: &mut vec![E::zero(); scratch::<I, L>(run).elements(samples)],
                    epilogue: Activation::Identity,
                },
            );
            self.x = y;
        }
        self.outline.stage::<I, L>(layer);
        let stage = self.outline.stages().last().expect("one has just been added");
        let (name, kind) = (stage.name.clone(), stage.kind.clone());
        self.seen.push(Seen { name, kind, dims: L::Output::DIMS, values: self.x.clone() });
        self.saved.push(saved);
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

/// The room that a stage needs: on a whole batch, or on one sample.
pub(crate) const fn scratch<I: Shape, L: Layer<I>>(run: Run) -> Space {
    if run.whole { tile::whole::<I, L>() } else { tile::space::<I, L>(1) }
}
