//! What a layer is: a typed function on slices that owns no memory.
//!
//! A layer says as constants how much of everything it needs, and the [`Model`](crate::Model) hands it exactly that.
//! A whole network is a layer too, so everything about a network is a constant.

pub use crate::fold::{End, Fold, Folding, Line};
pub use crate::layout::{Layout, Layouts};
pub use crate::preparation::{Direction, Preparation, Prepared};

use crate::activation::Activation;
use crate::element::Element;
use crate::noise::Noise;
use crate::outline::{Outline, Parameter};
use crate::plan::Plan;
use crate::shape::Shape;
use crate::slots::Slots;

pub use crate::watch::Watch;

/// A typed function from samples of shape `I` to samples of shape [`Output`](Layer::Output), with its derivative.
///
/// A layer of your own gives `Output`, [`forward`](Layer::forward), [`backward`](Layer::backward) and whichever of the
/// constants are not zero; with parameters also [`parameters`](Layer::parameters). See `examples/custom_layer.rs`, and
/// `examples/squeeze_excite.rs` for one that saves and needs room.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take {I}",
    label = "does not take {I}",
    note = "a layer of your own, or a piece that a function returns, takes the shapes for which it says so: `impl Layer<{I}>`",
    note = "features take other layers than images: one that is made for images stands before `flatten`"
)]
pub trait Layer<I: Shape>: Clone + Send + Sync {
    /// The shape of an output sample.
    type Output: Shape;

    /// Trainable parameters.
    const PARAMS: usize = 0;
    /// Values kept from forward to backward, per sample.
    const SAVED: usize = 0;
    /// Temporary values during forward or backward.
    const SCRATCH: Space = Space::NONE;
    /// Those of them that a forward pass uses which no backward pass follows.
    const INFERENCE: Space = Self::SCRATCH;
    /// Values that training keeps besides the parameters: running statistics. Only a layer that couples samples has any.
    const STATE: usize = 0;
    /// The names and dims of the parameters and running statistics. Where this is left as it is and there are any,
    /// [`parameters`](Layer::parameters) and [`state`](Layer::state) list them, and `include_weights!` cannot know them.
    const SLOTS: Slots = if Self::PARAMS + Self::STATE == 0 { Slots::NONE } else { Slots::Unknown };
    /// Whether, in training, a sample's output depends on the other samples, so that the layer must run on whole batches.
    const COUPLES: bool = false;
    /// Temporary values of such a layer when it runs on a whole batch.
    const WHOLE: Space = Self::SCRATCH;
    /// Sequences of random numbers that the layer draws in training.
    const DRAWS: usize = 0;
    /// Values that [`prepare`](Layer::prepare) makes of the parameters.
    const PREPARED: Prepared = Prepared::NONE;
    /// Multiply-accumulates of the forward pass of one sample (bias, pooling and activations not counted).
    const MACS: usize = 0;
    /// Whether the layer reads more weights than a cache holds, and so had better run over many samples at once.
    const GATHERS: bool = false;
    /// Whether the layer begins with an activation, which is applied in place by whoever wrote the input.
    const HEAD: Head = Head::Own;
    /// Whether the backward pass reads [`activated`](Backward::activated): a group does that ends in an activation.
    const READS_OUTPUT: bool = false;
    /// Whether the layer can apply an activation to its output as it writes it ([`Forward::epilogue`]).
    const TAIL: bool = false;
    /// The layer's stages with what each costs. A layer that is one stage leaves this as it is.
    const PLAN: Plan = Plan::stage::<I, Self>();
    /// What the layer begins and ends with, for the folding of batch norms.
    const FOLD: Fold = Fold::NONE;
    /// Whether the layer can read an input whose channels are [interleaved](Layout::Interleaved), and write such an output.
    const INTERLEAVES: [bool; 2] = [false; 2];

    /// The activation that [`HEAD`](Layer::HEAD) announces.
    fn head(&self) -> Activation {
        Activation::Identity
    }

    /// The activation that the layer begins with behind the batch norm of its [`FOLD`](Layer::FOLD).
    fn behind_norm(&self) -> Activation {
        Activation::Identity
    }

    /// Makes of the parameters what all samples will read: weights in the order in which a kernel wants them. It is called
    /// once for a step of training, and once for inference until the parameters or the running statistics change.
    fn prepare<E: Element>(&self, _preparation: Preparation<'_, E>) {}

    /// Computes `y` from `x`.
    fn forward<E: Element>(&self, pass: Forward<'_, E>);

    /// Adds to `gradients` and, where it is asked for, writes `dx`, both from `dy`.
    fn backward<E: Element>(&self, pass: Backward<'_, E>);

    /// Folds the batch norms inside of the layer, and the one at its beginning into the layer before, and takes into its end
    /// the one of the layer behind: as [`Folding`] says.
    fn fold<E: Element>(&self, _folding: Folding<'_, E>) {}

    /// The parameters in the order of the slab.
    fn parameters(&self) -> Vec<Parameter> {
        Self::SLOTS.parameters()
    }

    /// The running statistics in the order of their slab.
    fn state(&self) -> Vec<Parameter> {
        Self::SLOTS.state()
    }

    /// Runs the layer on one sample, stage by stage. A layer that is one stage, or a group that is to be seen as one, leaves this as it is.
    fn watch<E: Element>(&self, watch: &mut Watch<'_, E>) {
        watch.stage::<I, Self>(self);
    }

    /// Describes the layer's stages. A layer that is one stage leaves this as it is.
    fn outline(&self, outline: &mut Outline) {
        outline.stage::<I, Self>(self);
    }
}

/// One run of a layer over a few samples.
#[derive(Debug)]
pub struct Forward<'a, E> {
    /// How the network is being run.
    pub run: Run,
    /// Whether a backward pass will follow; `saved` is empty if not.
    pub keep: bool,
    /// How many samples.
    pub samples: usize,
    /// How each lies in `x`, and is to lie in `y`; always channel after channel for a layer that does not
    /// [interleave](Layer::INTERLEAVES) them.
    pub layouts: Layouts,
    /// The layer's parameters: `PARAMS` values.
    pub parameters: &'a [E],
    /// What [`prepare`](Layer::prepare) made of them: `PREPARED.forward` values.
    pub prepared: &'a [E],
    /// The running statistics: `STATE` values.
    pub state: &'a [E],
    /// Where to write them as they are after this pass: `STATE` values in training, none in evaluation.
    pub next_state: &'a mut [E],
    /// The input: `samples` × `I::LEN` values.
    pub x: &'a [E],
    /// The output: `samples` × `Output::LEN` values, all to be written.
    pub y: &'a mut [E],
    /// What backward will need besides `x`: `samples` × `SAVED` values, or none.
    pub saved: &'a mut [E],
    /// Temporary values of unknown content, at least as many as `SCRATCH` says, or `INFERENCE` where nothing is kept.
    pub scratch: &'a mut [E],
    /// What to add to each output channel, or nothing; only for a layer whose [`FOLD`](Layer::FOLD) ends in weights without a bias.
    pub shift: &'a [E],
    /// Whether the batch norm that the layer begins with, and the activation behind it, have been applied to the input
    /// already. Something else follows then.
    pub normed: bool,
    /// An activation to apply to the output; always the identity for a layer whose `TAIL` is false.
    pub epilogue: Activation,
}

impl<'a, E> Forward<'a, E> {
    /// The first `weights` parameters, and the bias behind them or, where there is none, the [`shift`](Self::shift).
    #[must_use]
    pub fn weight_and_bias(&self, weights: usize) -> (&'a [E], &'a [E]) {
        let (weight, bias) = self.parameters.split_at(weights);
        (weight, if bias.is_empty() { self.shift } else { bias })
    }
}

/// One run of a layer's derivative over a few samples.
#[derive(Debug)]
pub struct Backward<'a, E> {
    /// How the network is being run: as in the forward pass.
    pub run: Run,
    /// How many samples.
    pub samples: usize,
    /// The layer's parameters: `PARAMS` values.
    pub parameters: &'a [E],
    /// What [`prepare`](Layer::prepare) made of them: `PREPARED.backward` values.
    pub prepared: &'a [E],
    /// The running statistics before the forward pass: `STATE` values.
    pub state: &'a [E],
    /// The input of the forward pass.
    pub x: &'a [E],
    /// The output of the forward pass after the activation behind the layer: for groups of layers. A layer that needs
    /// its own output keeps it in `saved`.
    pub activated: &'a [E],
    /// What the forward pass saved.
    pub saved: &'a [E],
    /// The upstream gradient, which may be overwritten.
    pub dy: &'a mut [E],
    /// Where to write the gradient of the input, if it is needed.
    pub dx: Option<&'a mut [E]>,
    /// Where to add the gradients of the parameters: `PARAMS` values.
    pub gradients: &'a mut [E],
    /// Temporary values of unknown content, at least as many as `SCRATCH` says.
    pub scratch: &'a mut [E],
}

/// How a network is being run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Whether the network is being trained or evaluated.
    pub mode: Mode,
    /// Whether the samples are a whole batch, as layers that couple them need in training.
    pub whole: bool,
    /// Whether folded batch norms are left to the layers before them.
    pub folded: bool,
    /// How many threads the layer may use: more than one where there are fewer lanes than threads.
    pub threads: usize,
    /// Where the layer's random numbers come from.
    pub noise: Noise,
}

impl Run {
    /// A run by itself, with the random numbers of seed 0 and not on a whole batch: for trying a layer out.
    #[must_use]
    pub const fn alone(mode: Mode, threads: usize) -> Self {
        Self { mode, whole: false, folded: false, threads, noise: Noise::new(0, 0) }
    }

    /// The run of what comes behind layers that draw `draws` sequences of random numbers.
    #[must_use]
    pub const fn behind(self, draws: usize) -> Self {
        Self { noise: self.noise.behind(draws), ..self }
    }

    /// The run of the samples from number `sample` on.
    pub(crate) const fn at_sample(self, sample: usize) -> Self {
        Self { noise: self.noise.at_sample(sample), ..self }
    }
}

/// Whether a network is being trained or evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Training: regularisers act.
    Train,
    /// Evaluation: regularisers rest.
    Evaluate,
}

/// How a layer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// With work of its own.
    Own,
    /// With an activation; work of its own follows.
    Activation,
    /// The layer is an activation and nothing else: it needs no buffer.
    Whole,
}

/// Temporary room that a layer needs, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// For each sample that runs at once.
    pub per_sample: usize,
    /// Once, however many samples run.
    pub fixed: usize,
    /// In all, where one sample runs: less than `per_sample` and `fixed` together where parts of a layer run on several
    /// samples of a larger run.
    pub single: usize,
}

impl Space {
    /// No room.
    pub const NONE: Self = Self { per_sample: 0, fixed: 0, single: 0 };

    /// Room that is needed once.
    #[must_use]
    pub const fn fixed(elements: usize) -> Self {
        Self { per_sample: 0, fixed: elements, single: elements }
    }

    /// Room for either of two.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            per_sample: max(self.per_sample, other.per_sample),
            fixed: max(self.fixed, other.fixed),
            single: max(self.single, other.single),
        }
    }

    /// Room for `per_sample` elements a sample besides.
    #[must_use]
    pub const fn and_per_sample(self, per_sample: usize) -> Self {
        Self { per_sample: self.per_sample + per_sample, single: self.single + per_sample, ..self }
    }

    /// Elements for a run of `samples`.
    #[must_use]
    pub const fn elements(self, samples: usize) -> usize {
        if samples == 1 { self.single } else { self.per_sample * samples + self.fixed }
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
