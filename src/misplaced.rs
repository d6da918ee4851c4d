//! Calls of a model on its network, and calls of other libraries on a model: each is an error that says what to write.

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

/// What has a mode for evaluation: no model. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a model has no mode to switch: `forward` and `predict` evaluate, `step` and a trainer's `fit` train",
    label = "leave this out",
    note = "dropout and batch norms follow: they regularise and count within `step` and `fit` alone"
)]
pub trait Switched {
    /// What a call gives.
    type Given;
}

/// What keeps gradients from step to step: neither a model nor an optimizer. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "gradients are made anew in each `step`: there is nothing to set to zero",
    label = "leave this out",
    note = "`model.step(&samples, &targets, &CrossEntropy, &mut optimizer)?` is forward, loss, backward and update in one"
)]
pub trait Accumulated {
    /// What a call gives.
    type Given;
}

/// What gives its weights as a dictionary: no model. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a model has no dictionary of its weights: `model.save(\"net.safetensors\")?` writes them, `model.load(\"net.safetensors\")?` reads them",
    label = "save or load a file",
    note = "PyTorch writes and reads the same files by `safetensors.torch`; `model.params()` has the name, the dims and the values of each weight"
)]
pub trait Listed {
    /// What a call gives.
    type Given;
}

/// What lies on a device: no model. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a model runs on the processor: there is no device to move it to",
    label = "leave this out",
    note = "it runs on all threads that rayon has; `model.cast::<f64>()` is the same model in another element type"
)]
pub trait Moved {
    /// What a call gives.
    type Given;
}

/// What trains by itself: no model. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a model is trained by a `Trainer`, which has the optimizer and the loss",
    label = "this is for a trainer",
    note = "`Trainer::new(Adam::new(1e-3)).loss(CrossEntropy).epochs(10).fit(&mut model, &train, &held_out)?`; a loop of your own calls `model.step(&samples, &targets, &CrossEntropy, &mut optimizer)?`"
)]
pub trait Compiled {
    /// What a call gives.
    type Given;
}

/// What evaluates itself on a data set: no model. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a model is evaluated by a function: `shapewright::train::evaluate(&model, &data, &CrossEntropy)`",
    label = "this is a function",
    note = "it gives the loss, the accuracy, the confusion matrix, precision and recall; `model.forward(&batch)` gives the outputs alone"
)]
pub trait Evaluated {
    /// What a call gives.
    type Given;
}

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
            save(&self, __Path),
            load(&self, __Path)
        }
    };
    ($name:ty: $Asked:ident $(, $call:ident($(&$this:ident)? $(, $taken:ident)*))*) => { $(
        #[doc(hidden)]
        pub fn $call<$($taken,)* __Given>($(&$this,)? $(_: $taken),*) -> __Given
        where
            for<'__a> $name: $crate::$Asked<Given = __Given>,
        {
            $crate::__nothing_is_given()
        }
    )* };
}

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
