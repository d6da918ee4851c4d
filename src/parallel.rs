//! Threads: rayon's pool with the feature `rayon`, the calling thread without it. The bits are the same.

#[cfg(feature = "rayon")]
pub(crate) use threaded::{chunks, each, enter, join, parts, threads};

#[cfg(not(feature = "rayon"))]
pub(crate) use sequential::{chunks, each, enter, join, parts, threads};

#[cfg(feature = "rayon")]
mod threaded {
    use rayon::prelude::*;

    use super::sequential;

    /// How many run at once.
    pub(crate) fn threads() -> usize {
        rayon::current_num_threads()
    }

    /// Runs every item with its index.
    pub(crate) fn each<T: Send>(items: &mut [T], run: impl Fn(usize, &mut T) + Sync) {
        if items.len() == 1 || threads() == 1 {
            return sequential::each(items, run);
        }
        items.par_iter_mut().enumerate().for_each(|(index, item)| run(index, item));
    }

    /// Runs on one of the pool's threads, so that what is divided below it does not wait for the pool again.
    pub(crate) fn enter(run: impl FnOnce() + Send) {
        rayon::scope(|_| run());
    }

    /// Runs every part of `size` values with its index.
    pub(crate) fn parts<E: Send>(values: &mut [E], size: usize, run: impl Fn(usize, &mut [E]) + Send + Sync) {
        if values.len() <= size {
            return sequential::parts(values, size, run);
        }
        values.par_chunks_mut(size).enumerate().for_each(|(index, part)| run(index, part));
    }

    /// Runs both, at once if `parallel`.
    pub(crate) fn join(parallel: bool, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
        if parallel {
            rayon::join(a, b);
        } else {
            sequential::join(false, a, b);
        }
    }

    /// Runs every chunk of the first beside one of the second, each of its own size, with their index.
    pub(crate) fn chunks<A: Send, B: Send>(
        (a, size_a): (&mut [A], usize),
        (b, size_b): (&mut [B], usize),
        run: impl Fn(usize, &mut [A], &mut [B]) + Send + Sync,
    ) {
        if a.len() <= size_a {
            return sequential::chunks((a, size_a), (b, size_b), run);
        }
        let pairs = a.par_chunks_mut(size_a).zip(b.par_chunks_mut(size_b));
        pairs.enumerate().for_each(|(index, (a, b))| run(index, a, b));
    }
}

#[cfg_attr(feature = "rayon", allow(unused))]
mod sequential {
    /// How many run at once.
    pub(crate) fn threads() -> usize {
        1
    }

    /// Runs every item with its index.
    pub(crate) fn each<T>(items: &mut [T], run: impl Fn(usize, &mut T)) {
        items.iter_mut().enumerate().for_each(|(index, item)| run(index, item));
    }

    /// Runs on the calling thread.
    pub(crate) fn enter(run: impl FnOnce()) {
        run();
    }

    /// Runs every part of `size` values with its index.
    pub(crate) fn parts<E>(values: &mut [E], size: usize, run: impl Fn(usize, &mut [E])) {
        values.chunks_mut(size).enumerate().for_each(|(index, part)| run(index, part));
    }

    /// Runs both.
    pub(crate) fn join(_parallel: bool, a: impl FnOnce(), b: impl FnOnce()) {
        a();
        b();
    }

    /// Runs every chunk of the first beside one of the second, each of its own size, with their index.
    pub(crate) fn chunks<A, B>(
        (a, size_a): (&mut [A], usize),
        (b, size_b): (&mut [B], usize),
        run: impl Fn(usize, &mut [A], &mut [B]),
    ) {
        let pairs = a.chunks_mut(size_a).zip(b.chunks_mut(size_b));
        pairs.enumerate().for_each(|(index, (a, b))| run(index, a, b));
    }
}
