//! 2-D convolution by matrix products over tiles of columns (im2col).
//!
//! A column holds the values that the window sees at one position, so a group of filters is one product: weight
//! (filters × taps) · columns (taps × positions). The columns are made a tile at a time, small enough to stay in cache
//! until the product has read them.

use core::ops::Range;

use super::gemm::{Matrix, MatrixMut};
use super::window::Window2d;
use crate::activation::Activation;
use crate::element::Element;

/// Elements of a tile of columns: 64 KiB of `f32`, a part of the second-level cache.
const TILE: usize = 16 * 1024;
/// Positions of a tile at least, however long a column is: each product reads the weights once for all of them.
const COLUMNS: usize = 128;

/// The sizes of a 2-D convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dGeometry {
    /// Where the window moves over the input.
    pub window: Window2d,
    /// Output channels.
    pub filters: usize,
    /// Groups that the channels and the filters are divided into; a filter sees the channels of its group.
    pub groups: usize,
}

impl Conv2dGeometry {
    /// Channels that a filter sees.
    #[must_use]
    pub const fn group_channels(&self) -> usize {
        self.window.channels / self.groups
    }

    /// Filters that see the same channels.
    #[must_use]
    pub const fn group_filters(&self) -> usize {
        self.filters / self.groups
    }

    /// Weights of one filter, and values of one column.
    #[must_use]
    pub const fn filter_len(&self) -> usize {
        self.group_channels() * self.window.taps()
    }

    /// Weights, laid out as (filters, channels / groups, kernel rows, kernel columns).
    #[must_use]
    pub const fn weight_len(&self) -> usize {
        self.filters * self.filter_len()
    }

    /// Output values.
    #[must_use]
    pub const fn output_len(&self) -> usize {
        self.filters * self.window.positions()
    }

    /// Multiply-accumulates of the forward pass; taps that see padding count.
    #[must_use]
    pub const fn macs(&self) -> usize {
        self.output_len() * self.filter_len()
    }

    /// Positions in a tile: whole output rows if they fit, else a part of one.
    #[must_use]
    pub const fn columns(&self) -> usize {
        let (positions, width) = (self.window.positions(), self.window.output[1]);
        let room = TILE / self.filter_len();
        let room = if room < COLUMNS { COLUMNS } else { room };
        if self.is_pointwise() || room >= positions {
            positions
        } else if room < width {
            room
        } else {
            room / width * width
        }
    }

    /// Elements of scratch that [`conv2d`] and [`conv2d_backward`] need.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        if self.is_pointwise() { 0 } else { self.filter_len() * self.columns() }
    }

    /// Whether the input is its own matrix of columns: a 1×1 kernel that takes every pixel.
    const fn is_pointwise(&self) -> bool {
        let Window2d { input, kernel, stride, padding, output, .. } = self.window;
        matches!((kernel, stride, padding), ([1, 1], [1, 1], [0, 0])) && input[0] == output[0] && input[1] == output[1]
    }

    /// The positions of each tile.
    fn tiles(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (positions, columns) = (self.window.positions(), self.columns());
        (0..positions).step_by(columns).map(move |start| start..positions.min(start + columns))
    }

    /// The part of each buffer that belongs to a group.
    fn group(&self, group: usize) -> Group {
        let part = |len: usize| group * len..(group + 1) * len;
        Group {
            weight: part(self.group_filters() * self.filter_len()),
            x: part(self.group_channels() * self.window.pixels()),
            y: part(self.group_filters() * self.window.positions()),
        }
    }

    /// The columns of a tile of one group's input, made in `scratch` unless the input has them already.
    fn columns_of<'a, E: Element>(&self, tile: &Range<usize>, x: &'a [E], scratch: &'a mut [E]) -> Matrix<'a, E> {
        if self.is_pointwise() {
            return Matrix::new(x, self.filter_len(), tile.len());
        }
        im2col(self, tile, x, scratch);
        Matrix::new(scratch, self.filter_len(), tile.len())
    }
}

/// Where a group lies in the weights, the input and the output.
struct Group {
    weight: Range<usize>,
    x: Range<usize>,
    y: Range<usize>,
}

/// y = epilogue(weight ∗ x + bias), the window not flipped:
/// y\[o, i, j\] = bias\[o\] + Σ weight\[o, c, m, n\] · x\[c, i·s + m·d − p, j·s + n·d − p\], with zeros around x.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (filters, output rows, output columns); `weight`: (filters,
/// channels / groups, kernel rows, kernel columns); `bias`: one for each filter, or none at all; `scratch`: at least
/// [`scratch_len`](Conv2dGeometry::scratch_len) values of any content.
///
/// # Panics
///
/// If a slice is shorter than the geometry asks for.
///
/// # Examples
///
/// ```
/// use shapewright::Activation;
/// use shapewright::kernels::conv2d::{Conv2dGeometry, conv2d};
/// use shapewright::kernels::window::Window2d;
///
/// let window = Window2d::new(1, [1, 5], [1, 3], [1, 1], [0, 1], [1, 1]).unwrap();
/// let geometry = Conv2dGeometry { window, filters: 1, groups: 1 };
/// let mut y = vec![0.0; geometry.output_len()];
/// let mut scratch = vec![0.0; geometry.scratch_len()];
/// conv2d(&geometry, &[1.0; 3], &[], &[1.0, 2.0, 3.0, 4.0, 5.0], &mut y, Activation::Identity, &mut scratch);
/// assert_eq!(y, [3.0, 6.0, 9.0, 12.0, 9.0]);
/// ```
pub fn conv2d<E: Element>(
    geometry: &Conv2dGeometry,
    weight: &[E],
    bias: &[E],
    x: &[E],
    y: &mut [E],
    epilogue: Activation,
    scratch: &mut [E],
) {
    let (filters, positions) = (geometry.group_filters(), geometry.window.positions());
    let beta = if bias.is_empty() { E::zero() } else { E::one() };
    for group in 0..geometry.groups {
        let part = geometry.group(group);
        let weight = Matrix::new(&weight[part.weight], filters, geometry.filter_len());
        let bias = bias.iter().skip(group * filters);
        let (x, y) = (&x[part.x], &mut y[part.y]);
        for tile in geometry.tiles() {
            for (row, &bias) in y.chunks_exact_mut(positions).zip(bias.clone()) {
                row[tile.clone()].fill(bias);
            }
            let columns = geometry.columns_of(&tile, x, scratch);
            let product = MatrixMut::with_pitch(&mut y[tile.start..], filters, tile.len(), positions);
            E::multiply(weight, columns, beta, product);
            for row in y.chunks_exact_mut(positions) {
                epilogue.apply(&mut row[tile.clone()]);
            }
        }
    }
}

/// The gradients of [`conv2d`] without its epilogue: d\_weight += dy · columnsᵀ, d\_bias += Σ dy over the positions,
/// dx = weightᵀ · dy put back where the columns came from.
///
/// # Shapes
///
/// `dy` like `y`, `dx` (overwritten) like `x`, `d_weight` and `d_bias` (added to) like `weight` and `bias`; `d_bias`
/// is empty if there is no bias. `scratch`: as for [`conv2d`].
///
/// # Panics
///
/// If a slice is shorter than the geometry asks for.
#[allow(clippy::too_many_arguments)] // the arguments of conv2d and the gradient of each
pub fn conv2d_backward<E: Element>(
    geometry: &Conv2dGeometry,
    weight: &[E],
    x: &[E],
    dy: &[E],
    dx: Option<&mut [E]>,
    d_weight: &mut [E],
    d_bias: &mut [E],
    scratch: &mut [E],
) {
    let (filters, taps, positions) = (geometry.group_filters(), geometry.filter_len(), geometry.window.positions());
    for (d_bias, dy) in d_bias.iter_mut().zip(dy.chunks_exact(positions)) {
        *d_bias += dy.iter().copied().sum();
    }
    for group in 0..geometry.groups {
        let part = geometry.group(group);
        let d_weight = &mut d_weight[part.weight];
        let (x, dy) = (&x[part.x], &dy[part.y]);
        for tile in geometry.tiles() {
            let dy = Matrix::with_pitch(&dy[tile.start..], filters, tile.len(), positions);
            let columns = geometry.columns_of(&tile, x, scratch);
            E::multiply(dy, columns.transposed(), E::one(), MatrixMut::new(d_weight, filters, taps));
        }
    }
    if let Some(dx) = dx {
        conv2d_backward_input(geometry, weight, dy, dx, scratch);
    }
}

/// The gradient of the input alone, of those that [`conv2d_backward`] gives.
pub fn conv2d_backward_input<E: Element>(
    geometry: &Conv2dGeometry,
    weight: &[E],
    dy: &[E],
    dx: &mut [E],
    scratch: &mut [E],
) {
    let (filters, taps, positions) = (geometry.group_filters(), geometry.filter_len(), geometry.window.positions());
    dx.fill(E::zero());
    for group in 0..geometry.groups {
        let part = geometry.group(group);
        let weight = Matrix::new(&weight[part.weight], filters, taps);
        let (dy, dx) = (&dy[part.y], &mut dx[part.x]);
        for tile in geometry.tiles() {
            let dy = Matrix::with_pitch(&dy[tile.start..], filters, tile.len(), positions);
            if geometry.is_pointwise() {
                E::multiply(weight.transposed(), dy, E::zero(), MatrixMut::new(dx, taps, positions));
            } else {
                E::multiply(weight.transposed(), dy, E::zero(), MatrixMut::new(scratch, taps, tile.len()));
                col2im(geometry, &tile, scratch, dx);
            }
        }
    }
}

/// Writes the columns of a tile of positions: a row for each tap, a column for each position, zeros for padding.
fn im2col<E: Element>(geometry: &Conv2dGeometry, tile: &Range<usize>, x: &[E], columns: &mut [E]) {
    for_each_run(&geometry.window, geometry.group_channels(), tile, |run| {
        let row = &mut columns[run.row * tile.len()..][..tile.len()];
        row[run.positions.start..run.seen.start].fill(E::zero());
        row[run.seen.end..run.positions.end].fill(E::zero());
        let (row, pixels) = (&mut row[run.seen], &x[run.pixel..]);
        match geometry.window.stride[1] {
            1 => row.copy_from_slice(&pixels[..row.len()]),
            stride => row.iter_mut().zip(pixels.iter().step_by(stride)).for_each(|(value, &pixel)| *value = pixel),
        }
    });
}

/// Adds each value of a tile of columns to the pixel that [`im2col`] took it from.
fn col2im<E: Element>(geometry: &Conv2dGeometry, tile: &Range<usize>, columns: &[E], dx: &mut [E]) {
    for_each_run(&geometry.window, geometry.group_channels(), tile, |run| {
        let row = &columns[run.row * tile.len()..][run.seen];
        let pixels = &mut dx[run.pixel..];
        match geometry.window.stride[1] {
            1 => pixels.iter_mut().zip(row).for_each(|(pixel, &value)| *pixel += value),
            stride => pixels.iter_mut().step_by(stride).zip(row).for_each(|(pixel, &value)| *pixel += value),
        }
    });
}

/// A run of positions in one output row, as one tap on one channel sees it.
pub(super) struct Run {
    /// The channel and the tap, counted through: the row of the columns.
    pub(super) row: usize,
    /// The positions, counted from the first of the tile.
    pub(super) positions: Range<usize>,
    /// Those of them where the tap sees a pixel and not padding.
    pub(super) seen: Range<usize>,
    /// The first pixel that is seen; the next ones are a stride of columns apart.
    pub(super) pixel: usize,
}

/// Visits what each tap of a window sees from the positions of a tile, output row by output row. The taps come in
/// order, and for each of them all channels.
pub(super) fn for_each_run(window: &Window2d, channels: usize, tile: &Range<usize>, mut visit: impl FnMut(Run)) {
    let width = window.output[1];
    let lines = tile.start / width..tile.end.div_ceil(width);
    for tap_row in 0..window.kernel[0] {
        let rows = seen(window, 0, tap_row);
        for tap_column in 0..window.kernel[1] {
            let columns = seen(window, 1, tap_column);
            for channel in 0..channels {
                for line in lines.clone() {
                    // Positions of this output row in the tile, then those of them that see a pixel.
                    let [start, end] = [line * width, (line + 1) * width].map(|at| at.clamp(tile.start, tile.end));
                    let first = start.max(line * width + columns.start);
                    let last = end.min(line * width + columns.end);
                    let (seen, pixel) = if first < last && rows.contains(&line) {
                        let along = |axis: usize, position: usize, tap: usize| {
                            position * window.stride[axis] + tap * window.dilation[axis] - window.padding[axis]
                        };
                        let pixel_row = channel * window.input[0] + along(0, line, tap_row);
                        let pixel_column = along(1, first - line * width, tap_column);
                        (first..last, pixel_row * window.input[1] + pixel_column)
                    } else {
                        (start..start, 0)
                    };
                    let row = (channel * window.kernel[0] + tap_row) * window.kernel[1] + tap_column;
                    let in_tile = |range: Range<usize>| range.start - tile.start..range.end - tile.start;
                    visit(Run { row, positions: in_tile(start..end), seen: in_tile(seen), pixel });
                }
            }
        }
    }
}

/// The positions along an axis at which a tap sees a pixel and not padding.
fn seen(window: &Window2d, axis: usize, tap: usize) -> Range<usize> {
    let offset = tap * window.dilation[axis];
    let position_of = |padded: usize| padded.saturating_sub(offset).div_ceil(window.stride[axis]);
    position_of(window.padding[axis])..position_of(window.padding[axis] + window.input[axis]).min(window.output[axis])
}
