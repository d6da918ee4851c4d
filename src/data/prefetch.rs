//! Batches read on a thread of their own while others are trained on.

use core::iter;
use std::sync::mpsc;
use std::thread;

use super::Source;
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::shape::Shape;

/// The batches of a pass, in order, each with its targets; at the end of a pass that fails, why there is none.
pub type Batches<'a, S, E, Targets> = dyn Iterator<Item = Result<(Batch<S, E>, Targets), Error>> + 'a;

/// The batches of epoch `epoch`, whose samples are in this order, read on a thread of their own while `run` uses those
/// before.
///
/// At most `ahead` batches wait while the next is read; with 0, each is read when it is asked for, on the calling thread. An
/// error ends the pass: it comes in its batch's place. The thread ends before this function returns, also if `run` leaves
/// batches untaken.
///
/// # Panics
///
/// If `batch_size` is 0.
///
/// # Examples
///
/// ```
/// use shapewright::data::{digits, order, prefetch};
///
/// let (train, _) = digits();
/// let order = order(train.len(), 42, 0);
/// let sizes = prefetch(&train, 0, &order, 500, 2, |batches| {
///     batches.map(|batch| batch.map(|(pictures, _labels)| pictures.len())).collect::<Result<Vec<_>, _>>()
/// })?;
/// assert_eq!(sizes, [500, 500, 437]);
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn prefetch<S: Shape, E: Element, D: Source<S, E>, T>(
    source: &D,
    epoch: u64,
    order: &[usize],
    batch_size: usize,
    ahead: usize,
    run: impl FnOnce(&mut Batches<'_, S, E, D::Targets>) -> T,
) -> T {
    let mut chunks = order.chunks(batch_size);
    let mut batches = iter::from_fn(move || {
        let batch = source.batch(epoch, chunks.next()?);
        if batch.is_err() {
            chunks = [].chunks(1); // nothing comes behind an error
        }
        Some(batch)
    });
    if ahead == 0 {
        return run(&mut batches);
    }
    let (sender, receiver) = mpsc::sync_channel(ahead);
    thread::scope(|scope| {
        // Sending fails when nobody takes batches any more.
        scope.spawn(move || batches.try_for_each(|batch| sender.send(batch)).is_ok());
        // Taken by value: it ends with this closure, and the thread after it.
        run(&mut receiver.into_iter())
    })
}
