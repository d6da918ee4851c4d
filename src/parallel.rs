//! Threads: rayon's pool with the feature `rayon`, the calling thread without it. The bits are the same.

#[cfg(feature = "rayon")]
pub(crate) use threaded::{chunks, each};

#[cfg(not(feature = "rayon"))]
pub(crate) use sequential::{chunks, each};

#[cfg(feature = "rayon")]
mod threaded {
    use rayon::prelude::*;

    use super::sequential;

    /// Runs every item with its index.
    pub(crate) fn each<T: Send>(items: &mut [T], run: impl Fn(usize, &mut T) + Sync) {
        if items.len() == 1 {
            return sequential::each(items, run);
        }
        items.par_iter_mut().enumerate().for_each(|(index, item)| run(index, item));
    }

    /// Runs every chunk of `size` values with its index, and with something that each thread prepares for itself.
    pub(crate) fn chunks<E: Send, P>(
        values: &mut [E],
        size: usize,
        prepare: impl Fn() -> P + Send + Sync,
        run: impl Fn(&mut P, usize, &mut [E]) + Send + Sync,
    ) {
        if values.len() <= size {
            return sequential::chunks(values, size, prepare, run);
        }
        values
            .par_chunks_mut(size)
            .enumerate()
            .for_each_init(prepare, |prepared, (index, chunk)| run(prepared, index, chunk));
    }
}

#[cfg_attr(feature = "rayon", allow(unused))]
mod sequential {
    /// Runs every item with its index.
    pub(crate) fn each<T>(items: &mut [T], run: impl Fn(usize, &mut T)) {
        items.iter_mut().enumerate().for_each(|(index, item)| run(index, item));
    }

    /// Runs every chunk of `size` values with its index, and with something prepared once.
    pub(crate) fn chunks<E, P>(
        values: &mut [E],
        size: usize,
        prepare: impl Fn() -> P,
        run: impl Fn(&mut P, usize, &mut [E]),
    ) {
        let mut prepared = prepare();
        values.chunks_mut(size).enumerate().for_each(|(index, chunk)| run(&mut prepared, index, chunk));
    }
}
