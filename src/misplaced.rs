//! What is on a model and is called on its network: each such call is an error that says where it belongs.

use crate::element::Element;
use crate::layer::{Forward, Layer};
use crate::network::Declared;

/// What has weights: no network, but its model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a network, which has no weights: make a model of it with `Model::new`",
    label = "this is for the model",
    note = "`let mut model = Model::new(network, 42);` draws weights from the seed 42; the model runs, trains, saves and loads"
)]
pub trait Weighted {
    /// What a call gives.
    type Given;
}

/// Calls that belong to a [`Model`](crate::Model). What they give is left open, so that nothing behind them is reported.
#[expect(clippy::new_ret_no_self, clippy::must_use_candidate, reason = "none of them can be called")]
pub trait Misplaced: Declared + Sized {
    /// `Model::new`.
    fn new<G>() -> G
    where
        Self: Weighted<Given = G>,
    {
        unreachable!("no network is weighted")
    }

    /// `Model::predict`.
    fn predict<X, G>(&self, _x: X) -> G
    where
        Self: Weighted<Given = G>,
    {
        unreachable!("no network is weighted")
    }

    /// `Model::step`.
    fn step<X, T, L, O, G>(&self, _x: X, _targets: T, _loss: L, _optimizer: O) -> G
    where
        Self: Weighted<Given = G>,
    {
        unreachable!("no network is weighted")
    }

    /// `Model::save`.
    fn save<P, G>(&self, _path: P) -> G
    where
        Self: Weighted<Given = G>,
    {
        unreachable!("no network is weighted")
    }

    /// `Model::load`.
    fn load<P, G>(&self, _path: P) -> G
    where
        Self: Weighted<Given = G>,
    {
        unreachable!("no network is weighted")
    }
}

impl<N: Declared> Misplaced for N {}

/// What the network `N` is given as a layer, by whoever runs it.
#[diagnostic::on_unimplemented(
    message = "`{N}` is a network, which has no weights: make a model of it with `Model::new`",
    label = "this is for the model",
    note = "`let mut model = Model::new(network, 42);` draws weights from the seed 42; `model.forward(&batch)` runs it"
)]
pub trait Pass<N> {
    /// What the layer gives.
    type Given;

    /// Runs the layer.
    fn run(self, network: &N) -> Self::Given;
}

#[diagnostic::do_not_recommend]
impl<N: Declared + Layer<N::Input>, E: Element> Pass<N> for Forward<'_, E> {
    type Given = ();

    fn run(self, network: &N) {
        Layer::<N::Input>::forward(network, self);
    }
}
