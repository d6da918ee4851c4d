//! What is on a model and is called on its network: each such call is an error that says where it belongs.

use crate::element::Element;
use crate::layer::{Forward, Layer};
use crate::network::Declared;
use crate::shape::Shape;

/// What has weights: no network, but its model. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a network, which has no weights: make a model of it with `Model::new`",
    label = "this is for the model",
    note = "`let mut model = Model::new(network, 42);` draws weights from the seed 42; the model runs, trains, saves and loads"
)]
pub trait Weighted {
    /// What a call gives.
    type Given;
}

/// Calls of a model on the type of its network, for an `impl` of that. What they give is left open, so that nothing behind them is
/// reported. A bound that names no parameter would be refused where it is written, but for the `for` before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __misplaced {
    ($name:ty) => {
        $crate::__misplaced! {
            $name:
            new(),
            predict(&self, __X),
            step(&self, __X, __Targets, __Loss, __Optimizer),
            save(&self, __Path),
            load(&self, __Path)
        }
    };
    ($name:ty: $($call:ident($(&$this:ident)? $(, $taken:ident)*)),*) => { $(
        #[doc(hidden)]
        pub fn $call<$($taken,)* __Given>($(&$this,)? $(_: $taken),*) -> __Given
        where
            for<'__a> $name: $crate::Weighted<Given = __Given>,
        {
            $crate::__no_network_is_weighted()
        }
    )* };
}

/// What stands where nothing can be given.
#[must_use]
pub fn __no_network_is_weighted<G>() -> G {
    unreachable!("no network is weighted")
}

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
impl<N: Declared<Input: Shape> + Layer<N::Input>, E: Element> Pass<N> for Forward<'_, E> {
    type Given = ();

    fn run(self, network: &N) {
        Layer::<N::Input>::forward(network, self);
    }
}
