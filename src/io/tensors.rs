//! What a file of weights holds, whatever its format, and what a model takes of it.

use core::fmt;
use std::collections::{BTreeMap, HashSet};

use super::number::{Number, encode, finite};
use crate::element::Element;
use crate::error::Error;
use crate::model::Model;
use crate::network::Network;
use crate::param::Param;

/// What came out of a file. Its `Display` is a line for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The parameters and running statistics that the file's values went to.
    pub names: Vec<String>,
    /// In what the file differs from the network, one line for each name that is missing, unexpected, or of other dims or another type. What
    /// [`Model::load_npz`] and `Model::load` give has none.
    pub differences: Vec<String>,
    /// Whether the file was saved from a network with the same summary; `None` if it does not say, as a `.npz` file never does. Where the names agree and this is
    /// `Some(false)`, layers without parameters differ: another activation, another pool.
    pub same_network: Option<bool>,
}

impl Loaded {
    crate::__misplaced! { Self: Filled, forward(&self, X), predict(&self, X), step(&self, X, Targets, Loss, Optimizer) }
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tensors loaded", self.names.len())?;
        if !self.differences.is_empty() {
            write!(f, "; left as they were: {}", self.differences.join("; "))?;
        } else if self.same_network == Some(false) {
            write!(f, "; all fit, but {HINT}")?;
        }
        Ok(())
    }
}

const HINT: &str = "the file was saved from another network";

/// A tensor to write: its name, its dims and its bytes.
pub(super) type Tensor<'a> = (&'a str, &'a [usize], Vec<u8>);

/// A tensor in a file.
pub(super) struct Held<'a> {
    pub(super) dims: Vec<usize>,
    /// The type of its numbers, or what it is and what it must be.
    pub(super) number: Result<Number, String>,
    pub(super) bytes: &'a [u8],
}

impl<N: Network, E: Element> Model<N, E> {
    /// Everything that a file holds: parameters, then running statistics.
    fn stored(&self) -> impl Iterator<Item = Param<'_, E>> {
        self.params().chain(self.statistics())
    }

    /// All of it as bytes, behind names and dims, if it is finite.
    pub(super) fn encoded(&self) -> Result<Vec<Tensor<'_>>, Error> {
        let mut tensors = Vec::new();
        for Param { name, dims, values } in self.stored() {
            finite::<E>(name, values.iter().map(|value| value.as_f64()), &mut Vec::with_capacity(values.len()))?;
            let mut bytes = Vec::with_capacity(size_of_val(values));
            encode(values, &mut bytes);
            tensors.push((name, dims, bytes));
        }
        Ok(tensors)
    }

    /// Takes what the file has of the model's values: all and nothing else, where that is asked for.
    pub(super) fn take(
        &mut self,
        file: &BTreeMap<String, Held<'_>>,
        strict: bool,
        same_network: Option<bool>,
    ) -> Result<Loaded, Error> {
        let mut differences = differences(self.stored(), file);
        if strict && !differences.is_empty() {
            let names_agree = differences.iter().all(|difference| difference.contains("but must be"));
            if names_agree && same_network == Some(false) {
                differences.push(HINT.to_owned());
            }
            return Err(Error::Weights { differences });
        }
        let mut names = Vec::new();
        let mut values = Vec::with_capacity(N::PARAMS + N::STATE);
        for Param { name, dims, values: old } in self.stored() {
            match file.get(name) {
                Some(Held { dims: there, number: Ok(number), bytes }) if there == dims => {
                    number.decode(name, bytes, &mut values)?;
                    names.push(name.to_owned());
                }
                _ => values.extend_from_slice(old),
            }
        }
        let (parameters, state) = values.split_at(N::PARAMS);
        self.parameters_mut().copy_from_slice(parameters);
        self.state_mut().copy_from_slice(state);
        Ok(Loaded { names, differences, same_network })
    }
}

/// Everything in which a file's names, dims and types differ from the model's.
fn differences<'a, E: 'a>(
    stored: impl Iterator<Item = Param<'a, E>>,
    file: &BTreeMap<String, Held<'_>>,
) -> Vec<String> {
    let mut differences = Vec::new();
    let mut known = HashSet::new();
    for Param { name, dims, .. } in stored {
        known.insert(name);
        match file.get(name) {
            None => differences.push(format!("`{name}` {dims:?} is missing")),
            Some(held) if held.dims != dims => {
                differences.push(format!("`{name}` is {:?}, but must be {dims:?}", held.dims));
            }
            Some(Held { number: Err(kind), .. }) => differences.push(format!("`{name}` is of type {kind}")),
            Some(_) => {}
        }
    }
    let counter = |name: &str| {
        // PyTorch counts the batches that a batch norm has seen; nothing here depends on it.
        name.strip_suffix("num_batches_tracked").is_some_and(|stage| known.contains(&*format!("{stage}running_mean")))
    };
    let unexpected = file.iter().filter(|(name, _)| !known.contains(&***name) && !counter(name));
    differences.extend(unexpected.map(|(name, held)| format!("`{name}` {:?} is unexpected", held.dims)));
    differences
}
