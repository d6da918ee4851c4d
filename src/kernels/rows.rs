//! Sums and maxima of rows: what pooling of whole images comes down to.

use core::marker::PhantomData;

use super::simd::{Join, Kernel, Lanes, Level, Sum, WIDEST, fold_lanes};
use crate::element::Element;

/// y\[i\] = scale · Σ x\[i\], where x\[i\] is row i of `length` values.
///
/// # Shapes
///
/// `x`: (rows, length); `y`: (rows).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::{rows, simd::Level};
///
/// let mut y = [0.0; 2];
/// rows::sums(Level::best(), 3, 0.5, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut y);
/// assert_eq!(y, [3.0, 7.5]);
/// ```
pub fn sums<E: Element>(level: Level, length: usize, scale: E, x: &[E], y: &mut [E]) {
    level.run(Folds::<_, Sum> { length, x, y, fold: PhantomData });
    for y in y.iter_mut() {
        *y *= scale;
    }
}

/// Adds to each sum those of the rows that are its turn: row i to sum i modulo the number of sums, of which there may be none.
pub(crate) fn add_sums<E: Element>(level: Level, length: usize, x: &[E], sums: &mut [E]) {
    let count = sums.len();
    for x in x.chunks_exact((length * count).max(1)) {
        for (x, sums) in x.chunks(length * WIDEST).zip(sums.chunks_mut(WIDEST)) {
            let mut some = [E::zero(); WIDEST];
            self::sums(level, length, E::one(), x, &mut some[..sums.len()]);
            sums.iter_mut().zip(some).for_each(|(sum, part)| *sum += part);
        }
    }
}

/// y\[i\] = the largest value of row i of `length` values; NaN where there is one.
///
/// # Shapes
///
/// `x`: (rows, length); `y`: (rows).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::{rows, simd::Level};
///
/// let mut y = [0.0; 2];
/// rows::maxima(Level::best(), 3, &[1.0, 3.0, 2.0, -5.0, f64::NAN, 0.0], &mut y);
/// assert!(y[0] == 3.0 && y[1].is_nan());
/// ```
pub fn maxima<E: Element>(level: Level, length: usize, x: &[E], y: &mut [E]) {
    level.run(Folds::<_, Largest> { length, x, y, fold: PhantomData });
}

/// Where the first maximum of each row is (or the first NaN).
pub(crate) fn first_maxima<E: Element>(x: &[E], maxima: &[E]) -> impl Iterator<Item = usize> {
    const BLOCK: usize = 32; // to be compared at once
    x.chunks_exact(x.len() / maxima.len().max(1)).zip(maxima).map(|(row, &maximum)| {
        let is_it = |&x: &E| x == maximum || x.is_nan();
        let block = row.chunks(BLOCK).position(|block| block.iter().fold(false, |found, x| found | is_it(x)));
        let start = block.map_or(0, |block| block * BLOCK);
        start + row[start..].iter().position(is_it).unwrap_or(0)
    })
}

/// What a row is folded into one value by.
trait Fold<E>: Join<E> {
    /// What changes nothing.
    fn nothing() -> E;

    /// The values of a row from `at` on, which are fewer than a register holds, with what changes nothing.
    fn rest<V: Lanes<E>>(row: &[E], at: usize) -> V;
}

impl<E: Element> Fold<E> for Sum {
    #[inline(always)]
    fn nothing() -> E {
        E::zero()
    }

    #[inline(always)]
    fn rest<V: Lanes<E>>(row: &[E], at: usize) -> V {
        V::load_first(&row[at..])
    }
}

struct Largest;

impl<E> Join<E> for Largest {
    #[inline(always)]
    fn join<V: Lanes<E>>(first: V, later: V) -> V {
        first.pick(later, first, later)
    }
}

impl<E: Element> Fold<E> for Largest {
    #[inline(always)]
    fn nothing() -> E {
        E::neg_infinity()
    }

    #[inline(always)]
    fn rest<V: Lanes<E>>(row: &[E], at: usize) -> V {
        if let Some(last) = row.len().checked_sub(V::COUNT) {
            return V::load(row, last); // some of them twice
        }
        let mut values = [E::neg_infinity(); WIDEST];
        values[..row.len() - at].copy_from_slice(&row[at..]);
        V::load(&values, 0)
    }
}

/// [`sums`] or [`maxima`].
struct Folds<'a, E, F> {
    length: usize,
    x: &'a [E],
    y: &'a mut [E],
    fold: PhantomData<F>,
}

impl<E: Element, F: Fold<E>> Kernel<E> for Folds<'_, E, F> {
    #[inline(always)]
    fn run<V: Lanes<E>, const FILTERS: usize, const B: usize>(self) {
        let blocks = self.x.chunks(V::COUNT * self.length).zip(self.y.chunks_mut(V::COUNT));
        for (rows, y) in blocks {
            let mut registers = [V::splat(F::nothing()); WIDEST];
            for (register, row) in registers.iter_mut().zip(rows.chunks_exact(self.length)) {
                *register = fold_row::<E, F, V>(row);
            }
            fold_lanes::<E, F, V>(registers).store_first(y);
        }
    }
}

/// A row in a register: each lane is folded from the values that lie a register apart.
#[inline(always)]
fn fold_row<E: Element, F: Fold<E>, V: Lanes<E>>(row: &[E]) -> V {
    let nothing = V::splat(F::nothing());
    let (mut sum, mut at) = (nothing, 0);
    if row.len() >= 4 * V::COUNT {
        let mut sums = [nothing; 4]; // so that one need not wait for the last
        while at + 4 * V::COUNT <= row.len() {
            for index in 0..4 {
                sums[index] = F::join(sums[index], V::load(row, at + index * V::COUNT));
            }
            at += 4 * V::COUNT;
        }
        sum = F::join(F::join(sums[0], sums[1]), F::join(sums[2], sums[3]));
    }
    while at + V::COUNT <= row.len() {
        sum = F::join(sum, V::load(row, at));
        at += V::COUNT;
    }
    if at < row.len() { F::join(sum, F::rest(row, at)) } else { sum }
}
