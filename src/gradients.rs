//! What a backward pass gives.

use std::sync::Arc;

use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::param::{Index, Param};
use crate::shape::Shape;

/// The gradient of each parameter, by name, and of the input where it was asked for.
#[derive(Clone, Debug)]
pub struct Gradients<I: Shape, E: Element = f32> {
    index: Arc<Index>,
    values: Vec<E>,
    input: Option<Batch<I, E>>,
}

impl<I: Shape, E: Element> Gradients<I, E> {
    pub(crate) fn new(index: Arc<Index>, values: Vec<E>, input: Option<Batch<I, E>>) -> Self {
        Self { index, values, input }
    }

    /// The gradient of the parameter of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    pub fn param(&self, name: &str) -> Result<Param<'_, E>, Error> {
        self.index.param(name, &self.values)
    }

    /// The gradients of all parameters, in the order of the slab.
    pub fn params(&self) -> impl Iterator<Item = Param<'_, E>> {
        self.index.params(&self.values)
    }

    /// All gradients, in the order of [`Model::parameters`](crate::Model::parameters).
    #[must_use]
    pub fn as_slice(&self) -> &[E] {
        &self.values
    }

    /// The gradient of the input, if the pass was asked for it: [`Model::backward`](crate::Model::backward) and
    /// [`Model::gradients_with_input`](crate::Model::gradients_with_input) are.
    #[must_use]
    pub fn input(&self) -> Option<&Batch<I, E>> {
        self.input.as_ref()
    }
}
