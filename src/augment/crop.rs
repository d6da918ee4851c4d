//! Pictures padded and cropped back to their size.

use super::{Augment, Chance, Picture};
use crate::element::Element;

/// Pads a picture by zeros on all sides and takes as much as it was before from a random place (He et al., 2016): a shift
/// by whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomCrop {
    padding: usize,
}

impl RandomCrop {
    /// Crops from pictures padded by `padding` pixels on each side.
    ///
    /// # Panics
    ///
    /// If `padding` is more than 4,096, the largest size of a picture.
    #[must_use]
    pub const fn padded(padding: usize) -> Self {
        assert!(padding <= 4096, "a padding is at most 4096 pixels");
        Self { padding }
    }
}

impl Augment for RandomCrop {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], scratch: &mut [E]) {
        let places = 2 * self.padding + 1;
        let [row, column] = [chance.below(places), chance.below(places)];
        scratch.copy_from_slice(values);
        values.fill(E::zero());
        // The output's pixel i is the input's i + first − padding, as far as there is one.
        let (from_row, to_row, rows) = overlap(row, self.padding, S::ROWS);
        let (from_column, to_column, columns) = overlap(column, self.padding, S::COLUMNS);
        let pixels = S::ROWS * S::COLUMNS;
        for (output, input) in values.chunks_exact_mut(pixels).zip(scratch.chunks_exact(pixels)) {
            for row in 0..rows {
                let input = &input[(from_row + row) * S::COLUMNS + from_column..][..columns];
                output[(to_row + row) * S::COLUMNS + to_column..][..columns].copy_from_slice(input);
            }
        }
    }
}

/// Where input and output overlap along one side: the first of the input, the first of the output, how many.
const fn overlap(first: usize, padding: usize, size: usize) -> (usize, usize, usize) {
    let (from, to) = (first.saturating_sub(padding), padding.saturating_sub(first));
    let apart = from + to;
    if apart < size { (from, to, size - apart) } else { (0, 0, 0) }
}
