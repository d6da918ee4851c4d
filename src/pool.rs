//! Buffers that are lent to inference and come back, so that only the first call allocates.

use core::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use crate::element::Element;

/// Buffers that are not in use.
#[derive(Debug)]
pub(crate) struct Pool<E>(Mutex<Vec<Vec<E>>>);

impl<E> Default for Pool<E> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<E> Clone for Pool<E> {
    /// A pool of its own, empty.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<E: Element> Pool<E> {
    /// Lends a buffer of `length` values of unknown content.
    pub(crate) fn take(&self, length: usize) -> Lent<'_, E> {
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        buffer.resize(length, E::zero());
        Lent { pool: self, buffer }
    }
}

/// A buffer that goes back to its pool.
pub(crate) struct Lent<'a, E: Element> {
    pool: &'a Pool<E>,
    buffer: Vec<E>,
}

impl<E: Element> Deref for Lent<'_, E> {
    type Target = [E];

    fn deref(&self) -> &[E] {
        &self.buffer
    }
}

impl<E: Element> DerefMut for Lent<'_, E> {
    fn deref_mut(&mut self) -> &mut [E] {
        &mut self.buffer
    }
}

impl<E: Element> Drop for Lent<'_, E> {
    fn drop(&mut self) {
        let buffer = core::mem::take(&mut self.buffer);
        self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}
