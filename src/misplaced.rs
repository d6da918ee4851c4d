//! Calls of a model on its network, and calls of other libraries on a model: each is an error that says what to write.

mod answers;

pub use answers::{
    Accumulated, Batched, Compared, Compiled, Constructed, Counted, Evaluated, Filled, Listed, Moved, Opened, Ranked,
    Switched, Weighted,
};

use crate::element::Element;
use crate::layer::{Forward, Layer};
use crate::network::Declared;
use crate::shape::Shape;

/// Calls on the type of a network that are for its model, or on a model that are of other libraries, for an `impl` of that. What they give
/// is left open, so that nothing behind them is reported. A bound that names no parameter would be refused where it is written, but for the
/// `for` before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __misplaced {
    ($name:ty) => {
        $crate::__misplaced! {
            $name: Weighted,
            new(),
            predict(&self, __X),
            step(&self, __X, __Targets, __Loss, __Optimizer),
            save(&self, __Path)
        }
        $crate::__misplaced! { $name: Opened, open(__Path), load(__Path) }
        $crate::__misplaced! { $name: Counted, params(), macs(), flops() }
    };
    ($name:ty: $Answer:ident $(, $call:ident($(&$this:ident)? $(,)? $($taken:ident),*))*) => { $(
        #[doc(hidden)]
        pub fn $call<$($taken,)* __Given>($(&$this,)? $(_: $taken),*) -> __Given
        where
            for<'__a> $name: $crate::$Answer<Given = __Given>,
        {
            $crate::__nothing_is_given()
        }
    )* };
}

/// `new` of what is a plain value.
macro_rules! constructed {
    ($($Value:ident($($taken:ident),*)),*) => { $(
        #[allow(clippy::new_ret_no_self)] // what is not there
        impl $Value {
            $crate::__misplaced! { Self: Constructed, new($($taken),*) }
        }
    )* };
}

pub(crate) use constructed;

/// What stands where nothing can be given.
#[must_use]
pub fn __nothing_is_given<G>() -> G {
    unreachable!("a misplaced call does not compile")
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
