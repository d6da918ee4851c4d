//! Threads: rayon's pool with the feature `rayon`, the calling thread without it. The bits are the same.
//!
//! What reaches the pool has no type parameters but those of plain data: its machinery is compiled once, and not for every layer of
//! every network.

#[cfg(not(feature = "rayon"))]
use alone as pool;
#[cfg(feature = "rayon")]
use threaded as pool;

pub(crate) use pool::threads;

/// What runs once, of no type of its own.
type Task<'a> = &'a mut (dyn FnMut() + Send);
/// What runs for every chunk.
type Share<'a, A, B> = &'a (dyn Fn(usize, &mut [A], &mut [B]) + Sync);

#[cfg(feature = "rayon")]
mod threaded {
    use super::Task;

    /// How many run at once.
    pub(crate) fn threads() -> usize {
        rayon::current_num_threads()
    }

    /// Runs both, at once if a thread is free.
    pub(super) fn both(a: Task<'_>, b: Task<'_>) {
        rayon::join(a, b);
    }

    /// Runs on one of the pool's threads.
    pub(super) fn enter(run: Task<'_>) {
        rayon::scope(|_| run());
    }
}

#[cfg(not(feature = "rayon"))]
mod alone {
    use super::Task;

    /// How many run at once.
    pub(crate) fn threads() -> usize {
        1
    }

    /// Runs both.
    pub(super) fn both(a: Task<'_>, b: Task<'_>) {
        a();
        b();
    }

    /// Runs on the calling thread.
    pub(super) fn enter(run: Task<'_>) {
        run();
    }
}

/// A task that runs `run` the first time.
fn once(run: impl FnOnce() + Send) -> impl FnMut() + Send {
    let mut run = Some(run);
    move || {
        if let Some(run) = run.take() {
            run();
        }
    }
}

/// Runs on one of the pool's threads, so that what is divided below it does not wait for the pool again.
pub(crate) fn enter(run: impl FnOnce() + Send) {
    pool::enter(&mut once(run));
}

/// Runs both, at once if `parallel`.
pub(crate) fn join(parallel: bool, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    if parallel {
        pool::both(&mut once(a), &mut once(b));
    } else {
        a();
        b();
    }
}

/// Runs every item with its index.
pub(crate) fn each<T: Send>(items: &mut [T], run: impl Fn(usize, &mut T) + Sync) {
    parts(items, 1, |index, items| items.iter_mut().for_each(|item| run(index, item)));
}

/// Runs every part of `size` values with its index.
pub(crate) fn parts<T: Send>(values: &mut [T], size: usize, run: impl Fn(usize, &mut [T]) + Sync) {
    let mut nothing = vec![(); values.len()]; // of no size, so nothing is allocated
    chunks((values, size), (&mut nothing, size), |index, values, _| run(index, values));
}

/// Runs every chunk of the first beside one of the second, each of its own size, with their index.
pub(crate) fn chunks<A: Send, B: Send>(
    a: (&mut [A], usize),
    b: (&mut [B], usize),
    run: impl Fn(usize, &mut [A], &mut [B]) + Sync,
) {
    halves(0, a, b, &run);
}

/// Halves what there is to do until it is one chunk, or all where nobody shares it.
fn halves<A: Send, B: Send>(
    first: usize,
    (a, size_a): (&mut [A], usize),
    (b, size_b): (&mut [B], usize),
    run: Share<'_, A, B>,
) {
    let count = a.len().div_ceil(size_a).min(b.len().div_ceil(size_b));
    if count <= 1 || threads() == 1 {
        let chunks = a.chunks_mut(size_a).zip(b.chunks_mut(size_b));
        return (first..).zip(chunks).for_each(|(index, (a, b))| run(index, a, b));
    }
    let half = count / 2;
    let (a, other_a) = a.split_at_mut(half * size_a);
    let (b, other_b) = b.split_at_mut(half * size_b);
    let mut front = || halves(first, (&mut *a, size_a), (&mut *b, size_b), run);
    let mut back = || halves(first + half, (&mut *other_a, size_a), (&mut *other_b, size_b), run);
    pool::both(&mut front, &mut back);
}

#[cfg(test)]
mod tests {
    use super::{chunks, each, parts};

    #[test]
    fn every_part_runs_once_with_its_own_index() {
        for (len, size) in [(0, 3), (1, 3), (3, 3), (10, 3), (64, 1), (7, 100)] {
            let mut values = vec![(0, 0, 0); len];
            parts(&mut values, size, |index, part| {
                let len = part.len();
                for (runs, at, of) in part {
                    (*runs, *at, *of) = (*runs + 1, index, len);
                }
            });
            for (place, value) in values.iter().enumerate() {
                assert_eq!(*value, (1, place / size, size.min(len - place / size * size)), "{len} in parts of {size}");
            }
        }
        let mut items = [0; 9];
        each(&mut items, |index, item| *item += index + 1);
        assert_eq!(items, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn chunks_end_with_the_shorter_side() {
        let (mut a, mut b) = ([0; 11], [0; 7]);
        chunks((&mut a, 2), (&mut b, 3), |index, a, b| {
            a.fill(index + 1);
            b.fill(10 * (index + 1));
        });
        assert_eq!((a, b), ([1, 1, 2, 2, 3, 3, 0, 0, 0, 0, 0], [10, 10, 10, 20, 20, 20, 30]));
    }
}
