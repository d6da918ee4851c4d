//! A network with its numbers.

mod inference;
mod parameters;
mod training;

pub(crate) use inference::argmax;
pub(crate) use training::Before;

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::exec::{self, Derivation, Lane, Score, Training};
use crate::gradients::Gradients;
use crate::init::Init;
use crate::layer::{End, Folding, Mode};
use crate::loss::{Loss, check_samples};
use crate::network::Network;
use crate::noise::Noise;
use crate::optim::{Group, Optimizer};
use crate::outline::{Outline, Parameter, Stage};
use crate::param::Index;
use crate::pool::Pool;
use crate::prepared::Prepared;

/// What a network gives.
pub type OutputOf<N> = <N as Network>::Output;

/// A network with its parameters, all in one slab at constant offsets.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> pool2 >> flatten >> out: dense(3) }
///
/// let mut model = Model::new(Tiny, 7); // seed 7, He initialisation, f32
/// let x = Batch::from_fn(6, |sample, index| if index / 22 == sample % 3 { 1.0 } else { 0.0 });
/// let labels = Labels::new(&[0, 1, 2, 0, 1, 2])?;
/// let mut optimizer = Adam::new(0.01);
/// let first = model.step(&x, &labels, &CrossEntropy, &mut optimizer)?;
/// let last = (0..50).try_fold(first, |_, _| model.step(&x, &labels, &CrossEntropy, &mut optimizer))?;
/// assert!(last < first / 10.0);
/// assert_eq!(model.param("out.weight")?.dims, [3, 36]);
/// # Ok::<(), shapewright::Error>(())
/// ```
pub struct Model<N, E: Element = f32> {
    network: N,
    /// Owned, but for weights that are embedded in the program.
    parameters: Cow<'static, [E]>,
    state: Vec<E>,
    /// What the noise of regularisers depends on: the seed, and the steps of training so far.
    seed: u64,
    steps: u64,
    index: Arc<Index>,
    state_index: Arc<Index>,
    /// How optimizers are to move each parameter.
    groups: Vec<Group>,
    workspace: Workspace<E>,
}

/// Memory that is kept from one call to the next.
#[derive(Debug)]
struct Workspace<E> {
    lanes: Vec<Lane<E>>,
    pool: Pool<E>,
    prepared: Prepared<E>,
    next_state: Vec<E>,
}

impl<E: Element> Workspace<E> {
    /// That of a network which prepares `prepared` values forward and has `state` running statistics.
    fn new(prepared: usize, state: usize) -> Self {
        let (prepared, next_state) = (Prepared::new(prepared), vec![E::zero(); state]);
        Self { lanes: Vec::new(), pool: Pool::default(), prepared, next_state }
    }
}

/// A class, and how sure the network is of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction<E> {
    /// The class with the largest output.
    pub class: usize,
    /// Its softmax probability, 0 to 1.
    pub probability: E,
}

impl<N> Model<N> {
    /// A model in `f32` with parameters drawn from `seed`, each by the default of its layer: see [`Init`]. The same seed
    /// gives the same parameters on every machine. [`cast::<f64>()`](Model::cast) makes it one in `f64`.
    ///
    /// # Panics
    ///
    /// If two parameters have the same name, because two stages of a chain that [`net!`](crate::net) did not see have
    /// the same label; if a layer's [`parameters`](crate::Layer::parameters) are not as many values as its `PARAMS`.
    #[must_use]
    pub fn new(network: N, seed: u64) -> Self
    where
        N: Network,
    {
        Self::with_init(network, seed, |_, default| default)
    }

    /// As [`new`](Model::new), each parameter drawn as `choose` says, which is given its name and the layer's own choice;
    /// [`Init::of_weights`] makes one choice for all weights.
    ///
    /// # Panics
    ///
    /// Those of [`new`](Model::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    /// use shapewright::Init;
    ///
    /// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> flatten >> out: dense(3) }
    ///
    /// let keras = Model::with_init(Tiny, 7, |name, default| match name {
    ///     _ if name.ends_with("weight") => Init::GlorotUniform,
    ///     _ => default,
    /// });
    /// let limit = (6.0_f32 / (144.0 + 3.0)).sqrt();
    /// assert!(keras.param("out.weight")?.values.iter().all(|weight| weight.abs() <= limit));
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    #[must_use]
    pub fn with_init(network: N, seed: u64, choose: impl Fn(&str, Init) -> Init) -> Self
    where
        N: Network,
    {
        let outline = Outline::of::<N::Input, N>(&network);
        let [parameters, state] = drawn(&outline, N::PARAMS, N::STATE, seed, &choose);
        Self::of(network, parameters.into(), state, seed, indices(&outline))
    }

    /// A model with these values.
    #[cfg(feature = "safetensors")]
    pub(crate) fn holding(network: N, parameters: Cow<'static, [f32]>, state: Vec<f32>) -> Self
    where
        N: Network,
    {
        let indices = indices(&Outline::of::<N::Input, N>(&network));
        Self::of(network, parameters, state, 0, indices)
    }
}

impl<N, E: Element> Model<N, E> {
    fn of(
        network: N,
        parameters: Cow<'static, [E]>,
        state: Vec<E>,
        seed: u64,
        [index, state_index]: [Arc<Index>; 2],
    ) -> Self
    where
        N: Network,
    {
        let workspace = Workspace::new(N::PREPARED.forward, N::STATE);
        let groups = index.groups();
        Self { network, parameters, state, seed, steps: 0, index, state_index, groups, workspace }
    }

    /// The same model in another element type: `f64` for sharp gradient checks.
    #[must_use]
    pub fn cast<F: Element>(&self) -> Model<N, F>
    where
        N: Network,
    {
        Model {
            network: self.network.clone(),
            parameters: cast(&self.parameters).into(),
            state: cast(&self.state),
            seed: self.seed,
            steps: self.steps,
            index: Arc::clone(&self.index),
            state_index: Arc::clone(&self.state_index),
            groups: self.groups.clone(),
            workspace: Workspace::new(N::PREPARED.forward, N::STATE),
        }
    }

    /// The loss of a batch, in training mode, and its gradient with respect to every parameter.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if there are not as many targets as samples, [`Error::EmptyBatch`] if there are none.
    pub fn gradients<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<(E, Gradients<N::Input, E>), Error>
    where
        N: Network,
    {
        let score = self.differentiate(x, targets, loss, false)?;
        self.keep_state();
        Ok((E::from_f64(score.loss), self.take_gradients(None)))
    }

    /// As [`gradients`](Model::gradients), with the gradient of the input besides.
    ///
    /// # Errors
    ///
    /// Those of [`gradients`](Model::gradients).
    pub fn gradients_with_input<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
    ) -> Result<(E, Gradients<N::Input, E>), Error>
    where
        N: Network,
    {
        let score = self.differentiate(x, targets, loss, true)?;
        self.keep_state();
        Ok((E::from_f64(score.loss), self.take_gradients(Some(x.len()))))
    }

    /// One step of training: loss, gradients, update. Returns the loss before the update.
    ///
    /// # Errors
    ///
    /// Those of [`gradients`](Model::gradients), [`Error::NonFiniteLoss`] and those of the optimizer; the parameters are
    /// then as before.
    pub fn step<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
        optimizer: &mut impl Optimizer<E>,
    ) -> Result<E, Error>
    where
        N: Network,
    {
        let score = self.finite_loss(x, targets, loss)?;
        self.apply(optimizer, 1.0)?;
        self.keep_step();
        Ok(E::from_f64(score.loss))
    }

    /// Folds each batch norm into the weights right before it, so that inference no longer pays for it.
    ///
    /// In evaluation a norm is a line, y = s·x + t with s = γ/√(σ² + ε) and t = β − s·μ. The weights of a convolution (plain, depthwise,
    /// separable, transposed) or a dense layer with a norm right behind it in the same chain are multiplied by s, and so is
    /// their bias, which takes t, too. What is left of the norm is the identity behind a bias and a shift by t where there is
    /// none, which the layer before adds with its sums. Other norms stay as they are.
    ///
    /// The network is the same as before, and so are its outputs but for rounding, here and wherever its file is
    /// loaded, in PyTorch, too. (After loading, only another `fold` makes it as fast: this model remembers that
    /// it is folded until a parameter or a statistic is touched.)
    ///
    /// Between 1×1 and depthwise convolutions of a folded model the channels lie as the kernels read them
    /// ([`Layer::INTERLEAVES`](crate::Layer::INTERLEAVES)), so a network of such layers had better be folded where it has no norms, too.
    ///
    /// [`step`](Model::step) remains possible and goes on from the same function: the norm then has |γ| as its weight and the statistics of
    /// the scaled outputs, σ² = γ² − ε, so that it gives in training what it gave before. Two things differ. The weights are other
    /// numbers, to which a learning rate and the moments of an optimizer mean something else; and a norm with |γ| below √(2ε), 0.0045
    /// as a rule, gets that as its weight.
    ///
    /// Jacob et al., *Quantization and Training of Neural Networks*, 2018, section 3.2.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// net! { pub Stem: Image<3, 16, 16> => Image<8, 16, 16> = conv(3=>8, k3, pad1, nobias) >> batchnorm >> relu }
    ///
    /// let mut model = Model::new(Stem, 7);
    /// model.statistic_mut("1.running_var")?.values.fill(4.0);
    /// let x = Batch::from_fn(1, |_, index| (index as f32).sin());
    /// let (weight, y) = (model.param("0.weight")?.values[0], model.forward(&x));
    /// model.fold();
    /// assert!((model.param("0.weight")?.values[0] - weight / 2.0).abs() < 1e-5);
    /// assert!(model.forward(&x).as_slice().iter().zip(y.as_slice()).all(|(folded, y)| (folded - y).abs() < 1e-5));
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn fold(&mut self)
    where
        N: Network,
    {
        let (parameters, state) = (&mut self.parameters.to_mut()[..], &mut self.state[..]);
        self.network.fold(Folding { parameters, state, before: End::Other, lines: &mut Vec::new() });
        self.workspace.prepared.fold();
    }

    /// The gradients of the parameters and of the input for the upstream gradient `dy`, in training mode.
    ///
    /// # Panics
    ///
    /// If `dy` is not of as many samples as `x`.
    pub fn backward(&mut self, x: &Batch<N::Input, E>, dy: &Batch<OutputOf<N>, E>) -> Gradients<N::Input, E>
    where
        N: Network,
    {
        self.backward_in(Mode::Train, x, dy)
    }

    /// As [`backward`](Model::backward), in evaluation mode.
    ///
    /// # Panics
    ///
    /// If `dy` is not of as many samples as `x`.
    pub fn backward_eval(&mut self, x: &Batch<N::Input, E>, dy: &Batch<OutputOf<N>, E>) -> Gradients<N::Input, E>
    where
        N: Network,
    {
        self.backward_in(Mode::Evaluate, x, dy)
    }

    fn differentiate<Targets: Sync, L: Loss<OutputOf<N>, Targets>>(
        &mut self,
        x: &Batch<N::Input, E>,
        targets: &Targets,
        loss: &L,
        input: bool,
    ) -> Result<Score, Error>
    where
        N: Network,
    {
        check_samples(x.len(), loss.samples(targets))?;
        if x.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let normaliser = loss.normaliser(targets);
        let derivation = Derivation {
            network: &self.network,
            training: const { Training::of::<N>() },
            parameters: &self.parameters,
            prepared: self.workspace.prepared.both(&self.network, &self.parameters, &self.state),
            state: &self.state,
            mode: Mode::Train,
            noise: Noise::new(self.seed, self.steps),
            x: x.as_slice(),
            pool: &self.workspace.pool,
            input,
        };
        let mut score = derivation.run(&mut self.workspace.lanes, &mut self.workspace.next_state, &|sample, y, dy| {
            Score::of(loss.sample(targets, sample, normaliser, y, dy), loss.is_right(targets, sample, y))
        });
        score.loss += self.penalise(loss.weight_penalty());
        Ok(score)
    }

    /// Adds λ·w to the gradient of every weight, and gives λ/2 · Σ w².
    fn penalise(&mut self, strength: f64) -> f64 {
        if strength == 0.0 {
            return 0.0;
        }
        let mut squares = 0.0;
        for range in self.index.weights() {
            let gradients = &mut self.workspace.lanes[0].gradients[range.clone()];
            for (gradient, weight) in gradients.iter_mut().zip(&self.parameters[range]) {
                *gradient += E::from_f64(strength) * *weight;
                squares += weight.as_f64() * weight.as_f64();
            }
        }
        0.5 * strength * squares
    }

    /// Makes the running statistics that a training pass has left those of the model.
    fn keep_state(&mut self)
    where
        N: Network,
    {
        if N::STATE > 0 {
            self.workspace.prepared.outdate();
        }
        core::mem::swap(&mut self.state, &mut self.workspace.next_state);
    }

    fn backward_in(&mut self, mode: Mode, x: &Batch<N::Input, E>, dy: &Batch<OutputOf<N>, E>) -> Gradients<N::Input, E>
    where
        N: Network,
    {
        assert_eq!(x.len(), dy.len(), "samples of the batch and of its upstream gradient");
        let derivation = Derivation {
            network: &self.network,
            training: match mode {
                Mode::Train => const { Training::of::<N>() },
                Mode::Evaluate => const { Training::in_evaluation::<N>() },
            },
            parameters: &self.parameters,
            prepared: self.workspace.prepared.both(&self.network, &self.parameters, &self.state),
            state: &self.state,
            mode,
            noise: Noise::new(self.seed, self.steps),
            x: x.as_slice(),
            pool: &self.workspace.pool,
            input: true,
        };
        derivation.run(&mut self.workspace.lanes, &mut self.workspace.next_state, &|sample, _, upstream| {
            upstream.copy_from_slice(dy.sample(sample));
            Score::default()
        });
        if mode == Mode::Train && !x.is_empty() {
            self.keep_state();
        }
        self.take_gradients(Some(x.len()))
    }

    /// The gradients that a derivation has left in the lanes, with those of `input` samples where they were asked for.
    fn take_gradients(&mut self, input: Option<usize>) -> Gradients<N::Input, E>
    where
        N: Network,
    {
        let lanes = &mut self.workspace.lanes;
        let input = input
            .map(|samples| Batch::from_vec(samples, exec::input_gradient(lanes)).expect("the lanes cover the batch"));
        Gradients::new(Arc::clone(&self.index), lanes[0].gradients.clone(), input)
    }
}

impl<N: Network, E: Element> Clone for Model<N, E> {
    fn clone(&self) -> Self {
        let mut workspace = Workspace::new(N::PREPARED.forward, N::STATE);
        if self.workspace.prepared.is_folded() {
            workspace.prepared.fold();
        }
        Self {
            network: self.network.clone(),
            parameters: self.parameters.clone(),
            state: self.state.clone(),
            seed: self.seed,
            steps: self.steps,
            index: Arc::clone(&self.index),
            state_index: Arc::clone(&self.state_index),
            groups: self.groups.clone(),
            workspace,
        }
    }
}

impl<N, E: Element> Model<N, E> {
    crate::__misplaced! { Self: Switched, eval(&self), train(&self) }
    crate::__misplaced! { Self: Accumulated, zero_grad(&self) }
    crate::__misplaced! { Self: Listed, state_dict(&self), load_state_dict(&self, Dictionary) }
    crate::__misplaced! { Self: Moved, to(&self, Device), cuda(&self), cpu(&self) }
    crate::__misplaced! { Self: Compiled, compile(&self, Optimizer, Loss), fit(&self, Samples, Targets, Epochs) }
    crate::__misplaced! { Self: Evaluated, evaluate(&self, Samples) }
}

/// The same values in another element type.
fn cast<E: Element, F: Element>(values: &[E]) -> Vec<F> {
    values.iter().map(|value| F::from_f64(value.as_f64())).collect()
}

fn indices(outline: &Outline) -> [Arc<Index>; 2] {
    [Index::of(outline), Index::of_state(outline)].map(Arc::new)
}

/// Values of all parameters and of all running statistics.
fn drawn(
    outline: &Outline,
    params: usize,
    state: usize,
    seed: u64,
    choose: &dyn Fn(&str, Init) -> Init,
) -> [Vec<f32>; 2] {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let parameters = slab(outline, |stage| &stage.parameters, choose, &mut generator);
    assert_eq!(parameters.len(), params, "the layers' `parameters()` list as many values as their `PARAMS` say");
    let statistics = slab(outline, |stage| &stage.state, &|_, default| default, &mut generator);
    assert_eq!(statistics.len(), state, "the layers' `state()` lists as many values as their `STATE` says");
    [parameters, statistics]
}

/// Values of all parameters, or of all running statistics, one after the other.
fn slab(
    outline: &Outline,
    of: fn(&Stage) -> &[Parameter],
    choose: &dyn Fn(&str, Init) -> Init,
    generator: &mut ChaCha8Rng,
) -> Vec<f32> {
    let mut values = Vec::new();
    for stage in outline.stages() {
        let weight_dims = stage.parameters.first().map_or(&[][..], |weight| &weight.dims);
        for parameter in of(stage) {
            let init = choose(&format!("{}.{}", stage.name, parameter.name), parameter.init);
            let fans_of = if parameter.dims.len() > 1 { &parameter.dims } else { weight_dims };
            values.append(&mut init.draw(&parameter.dims, fans_of, generator));
        }
    }
    values
}

impl<N: Network, E: Element> fmt::Debug for Model<N, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Model from {:?} to {:?} with {} parameters",
            N::Input::default(),
            OutputOf::<N>::default(),
            self.parameters.len()
        )
    }
}
