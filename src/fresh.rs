//! Memory that is zeroed part by part, each right before it is written, so that it passes through the cache once.

use core::mem::MaybeUninit;

use crate::element::Element;

/// A vector of `len` values, all of which `fill` has to pass through [`zeroed`].
#[allow(unsafe_code)]
pub(crate) fn vector<E: Element>(len: usize, fill: impl FnOnce(&mut [MaybeUninit<E>])) -> Vec<E> {
    let mut values = Vec::with_capacity(len);
    fill(&mut values.spare_capacity_mut()[..len]);
    // SAFETY: the capacity is at least `len`, and `fill` has zeroed that many values; `exec::Evaluation` is its only caller and
    // zeroes each tile of the output.
    unsafe { values.set_len(len) };
    values
}

/// The memory as values, all zero.
#[allow(unsafe_code)]
pub(crate) fn zeroed<E: Element>(memory: &mut [MaybeUninit<E>]) -> &mut [E] {
    memory.fill(MaybeUninit::new(E::zero()));
    // SAFETY: each has been written just now.
    unsafe { memory.assume_init_mut() }
}
