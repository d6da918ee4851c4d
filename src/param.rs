//! Parameters by name: where each lies in a slab.

use core::ops::Range;
use std::collections::HashSet;

use crate::error::Error;
use crate::init::Init;
use crate::optim::Group;
use crate::outline::{Outline, Parameter};

/// Where each parameter lies in the slab.
#[derive(Debug)]
pub(crate) struct Index(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    name: String,
    dims: Vec<usize>,
    range: Range<usize>,
    /// Whether it is a weight: neither a bias nor the factors of a norm.
    is_weight: bool,
}

impl Index {
    /// The parameters of a network.
    pub(crate) fn of(outline: &Outline) -> Self {
        Self::from_names(outline.parameters())
    }

    /// The running statistics of a network.
    pub(crate) fn of_state(outline: &Outline) -> Self {
        Self::from_names(outline.state())
    }

    fn from_names<'a>(names: impl Iterator<Item = (String, &'a Parameter)>) -> Self {
        let mut end = 0;
        let entries = names.map(|(name, parameter)| {
            let start = end;
            end += parameter.len();
            let is_weight = parameter.dims.len() > 1 && parameter.init != Init::Ones;
            Entry { name, dims: parameter.dims.clone(), range: start..end, is_weight }
        });
        let entries: Vec<Entry> = entries.collect();
        let mut names = HashSet::new();
        for Entry { name, .. } in &entries {
            assert!(names.insert(name), "two parameters are called `{name}`: each stage needs a label of its own");
        }
        Self(entries)
    }

    /// How each parameter is to be moved: all at the full learning rate.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let group = |entry: &Entry| Group { range: entry.range.clone(), rate: 1.0, is_weight: entry.is_weight };
        self.0.iter().map(group).collect()
    }

    /// The positions of the parameters of the stage or group of stages `name`, or of the parameter of that name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] if there are none.
    pub(crate) fn below(&self, name: &str) -> Result<Vec<usize>, Error> {
        let is_below =
            |entry: &Entry| entry.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let below: Vec<usize> = (0..self.0.len()).filter(|&position| is_below(&self.0[position])).collect();
        if below.is_empty() { Err(self.unknown(name)) } else { Ok(below) }
    }

    fn unknown(&self, name: &str) -> Error {
        Error::UnknownParameter {
            name: name.to_owned(),
            known: self.0.iter().map(|entry| entry.name.clone()).collect(),
        }
    }

    /// Where the weights lie.
    pub(crate) fn weights(&self) -> impl Iterator<Item = Range<usize>> {
        self.0.iter().filter(|entry| entry.is_weight).map(|entry| entry.range.clone())
    }

    fn find(&self, name: &str) -> Result<&Entry, Error> {
        self.0.iter().find(|entry| entry.name == name).ok_or_else(|| self.unknown(name))
    }

    pub(crate) fn param<'a, E>(&'a self, name: &str, slab: &'a [E]) -> Result<Param<'a, E>, Error> {
        let Entry { name, dims, range, .. } = self.find(name)?;
        Ok(Param { name, dims, values: &slab[range.clone()] })
    }

    pub(crate) fn param_mut<'a, E>(&'a self, name: &str, slab: &'a mut [E]) -> Result<ParamMut<'a, E>, Error> {
        let Entry { name, dims, range, .. } = self.find(name)?;
        Ok(ParamMut { name, dims, values: &mut slab[range.clone()] })
    }

    pub(crate) fn params<'a, E>(&'a self, slab: &'a [E]) -> impl Iterator<Item = Param<'a, E>> {
        self.0.iter().map(|Entry { name, dims, range, .. }| Param { name, dims, values: &slab[range.clone()] })
    }
}

/// One parameter tensor, or its gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param<'a, E> {
    /// The stage and the parameter: `fc1.weight`.
    pub name: &'a str,
    /// The sizes in PyTorch's order.
    pub dims: &'a [usize],
    /// The values, row by row.
    pub values: &'a [E],
}

/// One parameter tensor, to change.
#[derive(Debug, PartialEq)]
pub struct ParamMut<'a, E> {
    /// The stage and the parameter: `fc1.weight`.
    pub name: &'a str,
    /// The sizes in PyTorch's order.
    pub dims: &'a [usize],
    /// The values, row by row.
    pub values: &'a mut [E],
}
