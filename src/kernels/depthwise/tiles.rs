//! Taps in tiles of at most 3×3, so many as registers hold.

use super::Lanes;
use super::lines::{Term, Terms};

/// Rows and columns of a tile at most.
pub(super) const SIDE: usize = 3;

/// What is done with the taps of some rows and columns of the kernel.
pub(super) trait Tile<E, V: Lanes<E>> {
    /// For one tile; `ends` says whether it is the first and the last.
    fn run<const H: usize, const W: usize>(&mut self, rows: &[Term; H], columns: &[Term; W], ends: [bool; 2]);
}

/// Does it for all taps.
#[inline(always)]
pub(super) fn tiles<E, V: Lanes<E>>(mut tile: impl Tile<E, V>, rows: &Terms, columns: &Terms) {
    let (mut some_rows, mut first) = (rows.each(), true);
    while !some_rows.is_empty() {
        let (here, next_rows) = some_rows.split_at(SIDE.min(some_rows.len()));
        let mut some_columns = columns.each();
        while !some_columns.is_empty() {
            let (there, next_columns) = some_columns.split_at(SIDE.min(some_columns.len()));
            let ends = [first, next_rows.is_empty() && next_columns.is_empty()];
            match (here, there) {
                (&[a, b, c], &[d, e, f]) => tile.run(&[a, b, c], &[d, e, f], ends),
                (&[a, b, c], &[d, e]) => tile.run(&[a, b, c], &[d, e], ends),
                (&[a, b, c], &[d]) => tile.run(&[a, b, c], &[d], ends),
                (&[a, b], &[d, e, f]) => tile.run(&[a, b], &[d, e, f], ends),
                (&[a, b], &[d, e]) => tile.run(&[a, b], &[d, e], ends),
                (&[a, b], &[d]) => tile.run(&[a, b], &[d], ends),
                (&[a], &[d, e, f]) => tile.run(&[a], &[d, e, f], ends),
                (&[a], &[d, e]) => tile.run(&[a], &[d, e], ends),
                (&[a], &[d]) => tile.run(&[a], &[d], ends),
                _ => unreachable!("a tile has one to three rows and columns"),
            }
            (some_columns, first) = (next_columns, false);
        }
        some_rows = next_rows;
    }
}
