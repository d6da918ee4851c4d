//! Checkpoints in a build that writes no files: there are none.

use super::report::Epoch;
use crate::element::Element;
use crate::error::Error;
use crate::model::Model;
use crate::optim::Memory;

/// What of a training is kept.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {}

/// All that a training has to remember.
#[expect(dead_code, reason = "there is no file to write it to")]
pub(super) struct State<'a, N, E: Element> {
    pub(super) identity: Vec<(&'static str, String)>,
    pub(super) model: &'a mut Model<N, E>,
    pub(super) memory: &'a mut Memory<E>,
    pub(super) average: &'a mut Vec<E>,
    pub(super) history: &'a mut Vec<Epoch>,
}

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as where there are files")]
impl Checkpoints {
    pub(super) fn load<N, E: Element>(&self, _state: State<'_, N, E>) -> Result<(), Error> {
        Ok(())
    }

    pub(super) fn save<N, E: Element>(&self, _state: State<'_, N, E>) -> Result<(), Error> {
        Ok(())
    }

    pub(super) fn save_best<N, E: Element>(&self, _model: &Model<N, E>) -> Result<(), Error> {
        Ok(())
    }
}
