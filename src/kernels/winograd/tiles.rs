//! Tiles of a batch in chunks, and their windows transformed.

use core::ops::Range;

use super::{BLOCK, CHUNK, LINE, Winograd, transform};
use crate::element::Element;
use crate::kernels::simd::{Lanes, WIDEST};

/// A run of values that are copied.
#[derive(Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) count: usize,
}

/// Runs, at most `N`.
pub(super) struct Runs<const N: usize> {
    runs: [Run; N],
    number: usize,
}

impl<const N: usize> Runs<N> {
    const fn new() -> Self {
        Self { runs: [Run { from: 0, to: 0, count: 0 }; N], number: 0 }
    }

    fn push(&mut self, from: usize, to: usize, count: usize) {
        self.runs[self.number] = Run { from, to, count };
        self.number += 1;
    }

    #[inline(always)]
    pub(super) fn as_slice(&self) -> &[Run] {
        &self.runs[..self.number]
    }
}

/// A chunk: some tiles of a batch in their order, which may begin and end anywhere.
///
/// The tiles of each sample see some lines of it. These lines lie one after the other in a buffer, padded; those of every sample
/// begin at an even one.
pub(super) struct Chunk {
    pub(super) tiles: usize,
    /// From lines of the first channel of the input to the buffer of lines.
    sources: Runs<{ 4 * CHUNK }>,
    /// Pairs of lines in the buffer.
    pairs: usize,
    /// The columns of tiles that are seen.
    columns: Range<usize>,
    /// From tiles of the buffer to tiles of the chunk.
    pieces: Runs<CHUNK>,
    /// From lines of the chunk's outputs, the upper ones before [`LINE`], to lines of the first filter's output.
    pub(super) targets: Runs<{ 2 * CHUNK }>,
}

impl Chunk {
    pub(super) fn new(winograd: &Winograd, tiles: Range<usize>) -> Self {
        let [rows, columns] = winograd.tiles;
        let mut chunk = Self {
            tiles: tiles.len(),
            sources: Runs::new(),
            pairs: 0,
            columns: 0..columns,
            pieces: Runs::new(),
            targets: Runs::new(),
        };
        if tiles.start / columns == (tiles.end - 1) / columns {
            chunk.columns = tiles.start % columns..(tiles.end - 1) % columns + 1;
        }
        let mut tile = tiles.start;
        while tile < tiles.end {
            let (sample, first) = (tile / (rows * columns), tile % (rows * columns));
            let count = (rows * columns - first).min(tiles.end - tile);
            chunk.pieces.push(chunk.pairs * columns + first % columns, tile - tiles.start, count);
            chunk.push_sources(winograd, sample, first / columns..(first + count).div_ceil(columns));
            chunk.push_targets(winograd, sample, first..first + count, tile - tiles.start);
            tile += count;
        }
        chunk
    }

    /// The lines that some rows of a sample's tiles see.
    fn push_sources(&mut self, winograd: &Winograd, sample: usize, rows: Range<usize>) {
        let Winograd { channels, input: [height, width], padding: [above, left], .. } = *winograd;
        let first = (2 * self.columns.start).saturating_sub(left);
        let last = (2 * self.columns.end + 2 - left).min(width);
        for line in 2 * rows.start..2 * rows.end + 2 {
            if line >= above && line < above + height {
                let from = (sample * channels * height + line - above) * width + first;
                let to = (2 * self.pairs + line - 2 * rows.start) * winograd.line_pitch() + left + first;
                self.sources.push(from, to, last - first);
            }
        }
        self.pairs += rows.len() + 1;
    }

    /// The lines that some of a sample's tiles, from `at` on in the chunk, write.
    fn push_targets(&mut self, winograd: &Winograd, sample: usize, tiles: Range<usize>, at: usize) {
        let Winograd { filters, output: [height, width], tiles: [_, columns], .. } = *winograd;
        let mut tile = tiles.start;
        while tile < tiles.end {
            let (row, column) = (tile / columns, tile % columns);
            let count = (columns - column).min(tiles.end - tile);
            let positions = width.min(2 * (column + count)) - 2 * column;
            for line in 2 * row..height.min(2 * row + 2) {
                let from = line % 2 * LINE + 2 * (at + tile - tiles.start);
                self.targets.push(from, (sample * filters * height + line) * width + 2 * column, positions);
            }
            tile += count;
        }
    }
}

impl Winograd {
    /// Pairs of lines that the tiles of a chunk see at most, if there are so many rows of so many.
    pub(super) const fn chunk_pairs([rows, columns]: [usize; 2]) -> usize {
        let samples = CHUNK / (rows * columns) + 2;
        let samples = if samples < CHUNK { samples } else { CHUNK };
        CHUNK / columns + 1 + 2 * samples
    }

    /// Tiles of some samples.
    pub(super) fn tiles_of<E>(&self, x: &[E]) -> usize {
        x.len() / (self.channels * self.input[0] * self.input[1]) * self.tiles[0] * self.tiles[1]
    }

    /// Values from one place of a chunk's input to the next; the odd register keeps places out of each other's cache sets.
    #[inline(always)]
    pub(super) const fn inputs_pitch(&self) -> usize {
        self.channels.next_multiple_of(BLOCK) * CHUNK + WIDEST
    }

    /// Values from one padded line to the next.
    #[inline(always)]
    const fn line_pitch(&self) -> usize {
        2 * self.tiles[1] + 2
    }

    /// Padded lines of a channel.
    #[inline(always)]
    const fn lines_len(&self) -> usize {
        (2 * self.chunk_pairs * self.line_pitch() + 2 * WIDEST).next_multiple_of(WIDEST)
    }

    /// Values of every second line of a channel, transformed along it, for one place.
    #[inline(always)]
    const fn plane_pitch(&self) -> usize {
        (self.chunk_pairs * self.tiles[1] + WIDEST).next_multiple_of(WIDEST)
    }

    /// Values for [`transform_input`](Self::transform_input) to work on.
    pub(super) const fn window_len(&self) -> usize {
        self.lines_len() + 8 * self.plane_pitch()
    }

    /// Bᵀ d B for all channels of a chunk.
    #[inline(always)]
    pub(super) fn transform_input<E: Element, V: Lanes<E>>(
        &self,
        chunk: &Chunk,
        x: &[E],
        window: &mut [E],
        inputs: &mut [E],
    ) {
        let (lines, planes) = window.split_at_mut(self.lines_len());
        lines[..2 * chunk.pairs * self.line_pitch()].fill(E::zero());
        let sources = chunk.sources.as_slice();
        let pieces = chunk.pieces.as_slice();
        let pixels = self.input[0] * self.input[1];
        for channel in 0..self.channels {
            // Zeros that are written behind a line were there, or the next line follows.
            for source in sources {
                let x = &x[source.from + channel * pixels..][..source.count];
                let mut column = 0;
                while column < x.len() {
                    V::load_first(&x[column..]).store(lines, source.to + column);
                    column += V::COUNT;
                }
            }
            self.transform_lines::<E, V>(chunk, lines, planes);
            for piece in pieces {
                let inputs = &mut inputs[channel * CHUNK + piece.to..];
                self.transform_columns::<E, V>(&planes[piece.from..], inputs, piece.count);
            }
        }
    }

    /// d B for each line: four planes for the even lines and four for the odd ones, without gaps between tiles.
    #[inline(always)]
    fn transform_lines<E: Element, V: Lanes<E>>(&self, chunk: &Chunk, lines: &[E], planes: &mut [E]) {
        let (line_pitch, plane_pitch, columns) = (self.line_pitch(), self.plane_pitch(), self.tiles[1]);
        let (even_planes, odd_planes) = planes.split_at_mut(4 * plane_pitch);
        for pair in 0..chunk.pairs {
            for (line, planes) in [&mut *even_planes, &mut *odd_planes].into_iter().enumerate() {
                let lines = &lines[(2 * pair + line) * line_pitch..];
                let mut tile = chunk.columns.start;
                while tile < chunk.columns.end {
                    let pixels: &[E; 2 * WIDEST + 2] =
                        lines[2 * tile..].first_chunk().expect("room behind the last line");
                    let [a, b] = V::load(pixels, 0).deinterleave(V::load(pixels, V::COUNT));
                    let [c, d] = V::load(pixels, 2).deinterleave(V::load(pixels, V::COUNT + 2));
                    let places = transform::input_line([a, b, c, d]);
                    for place in 0..4 {
                        places[place].store(planes, place * plane_pitch + pair * columns + tile);
                    }
                    tile += V::COUNT;
                }
            }
        }
    }

    /// Bᵀ (d B) of a piece, whose tiles lie at the front of planes and inputs.
    #[inline(always)]
    fn transform_columns<E: Element, V: Lanes<E>>(&self, planes: &[E], inputs: &mut [E], count: usize) {
        let (plane_pitch, pitch, below) = (self.plane_pitch(), self.inputs_pitch(), self.tiles[1]);
        let (even, odd) = planes.split_at(4 * plane_pitch);
        for column in 0..4 {
            let (even, odd) = (&even[column * plane_pitch..], &odd[column * plane_pitch..]);
            let inputs = &mut inputs[column * pitch..];
            let mut tile = 0;
            while tile < count {
                let lines =
                    [V::load(even, tile), V::load(odd, tile), V::load(even, below + tile), V::load(odd, below + tile)];
                let places = transform::input_line(lines);
                // What lies behind the piece is overwritten by the next piece or the next channel.
                for row in 0..4 {
                    places[row].store(inputs, 4 * row * pitch + tile);
                }
                tile += V::COUNT;
            }
        }
    }
}
