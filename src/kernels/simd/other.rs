//! Processors other than x86-64: the portable level, which compilers vectorise for NEON and the like.

use super::portable::Array;
use super::{Kernel, Lanes, Level};
use crate::element::Element;

/// The registers of an element type at every level: here there is one.
pub trait Registers {}

impl<E> Registers for E {}

pub(super) fn is_available(level: Level) -> bool {
    level == Level::Portable
}

pub(super) const fn lanes<E: Element>(_level: Level) -> usize {
    <Array<E> as Lanes<E>>::COUNT
}

pub(super) fn run<E: Element>(_level: Level, kernel: impl Kernel<E>) {
    kernel.run::<Array<E>, 4, 2>();
}

pub(super) fn run_in_blocks<E: Element>(level: Level, _block: usize, kernel: impl Kernel<E>) {
    run(level, kernel);
}
