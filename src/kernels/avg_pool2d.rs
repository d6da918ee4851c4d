//! 2-D average pooling.

use core::ops::Range;

use super::conv2d::for_each_run;
use super::rows;
use super::simd::{Kernel, Lanes, Level};
use super::window::Window2d;
use crate::element::Element;

/// The sizes of an average pooling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvgPool2dGeometry {
    /// Where the window moves.
    pub window: Window2d,
    /// The rows and the columns whose taps count, counted from the first of the padding: the sum over a window is divided
    /// by the number of taps in them.
    pub counted: [Range<usize>; 2],
}

impl AvgPool2dGeometry {
    /// The mean over the pixels that a window sees.
    #[must_use]
    pub const fn skip_padding(window: Window2d) -> Self {
        let Window2d { input: [height, width], padding: [above, left], .. } = window;
        Self { window, counted: [above..above + height, left..left + width] }
    }

    /// The mean over all that a window covers, padding too, of which there is as much as `after` says below and to the
    /// right. What lies beyond that does not count.
    #[must_use]
    pub const fn count_padding(window: Window2d, after: [usize; 2]) -> Self {
        let Window2d { input: [height, width], padding: [above, left], .. } = window;
        Self { window, counted: [0..above + height + after[0], 0..left + width + after[1]] }
    }

    /// What the sum over the window at (row, column) is divided by.
    #[must_use]
    pub fn divisor(&self, row: usize, column: usize) -> usize {
        let along = |axis: usize, position: usize| {
            let start = position * self.window.stride[axis];
            let Range { start: first, end } = self.counted[axis];
            end.min(start + self.window.kernel[axis]).saturating_sub(first.max(start))
        };
        along(0, row) * along(1, column)
    }

    /// 1 / divisor if all windows have the same.
    fn scale<E: Element>(&self) -> Option<E> {
        let Window2d { kernel, stride, output, .. } = self.window;
        let all = |axis: usize| {
            self.counted[axis].start == 0 && (output[axis] - 1) * stride[axis] + kernel[axis] <= self.counted[axis].end
        };
        (all(0) && all(1)).then(|| E::one() / number(self.window.taps()))
    }

    /// Divides what belongs to each position of the window by its divisor.
    fn divide<E: Element>(&self, y: &mut [E]) {
        for y in y.chunks_exact_mut(self.window.positions()) {
            for (row, y) in y.chunks_exact_mut(self.window.output[1]).enumerate() {
                for (column, y) in y.iter_mut().enumerate() {
                    *y /= number(self.divisor(row, column));
                }
            }
        }
    }
}

/// y\[c, i, j\] = the sum of x\[c\] in the window at (i, j), where padding is 0, over the divisor of the window.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (channels, output rows, output columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::avg_pool2d::{AvgPool2dGeometry, avg_pool2d};
/// use shapewright::kernels::simd::Level;
/// use shapewright::kernels::window::Window2d;
///
/// let window = Window2d::new(1, [2, 4], [2, 2], [2, 2], [0, 0], [1, 1]).unwrap();
/// let mut y = [0.0; 2];
/// let x = [1.0, 2.0, -1.0, -2.0, 3.0, 0.0, -3.0, -4.0];
/// avg_pool2d(Level::best(), &AvgPool2dGeometry::skip_padding(window), &x, &mut y);
/// assert_eq!(y, [1.5, -2.5]);
/// ```
pub fn avg_pool2d<E: Element>(level: Level, geometry: &AvgPool2dGeometry, x: &[E], y: &mut [E]) {
    if let Some(scale) = geometry.scale() {
        sum_pool2d(level, &geometry.window, scale, x, y);
    } else {
        sum_pool2d(level, &geometry.window, E::one(), x, y);
        geometry.divide(y);
    }
}

/// The gradient of [`avg_pool2d`]: each pixel gets the sum of dy over divisor of the windows that see it.
///
/// # Shapes
///
/// `dy` (overwritten with what is left of it): (channels, output rows, output columns); `dx` (overwritten): (channels,
/// input rows, input columns).
pub fn avg_pool2d_backward<E: Element>(level: Level, geometry: &AvgPool2dGeometry, dy: &mut [E], dx: &mut [E]) {
    if let Some(scale) = geometry.scale() {
        sum_pool2d_backward(level, &geometry.window, scale, dy, dx);
    } else {
        geometry.divide(dy);
        sum_pool2d_backward(level, &geometry.window, E::one(), dy, dx);
    }
}

/// y\[c, i, j\] = scale · the sum of x\[c\] in the window at (i, j), where padding is 0.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (channels, output rows, output columns).
pub fn sum_pool2d<E: Element>(level: Level, window: &Window2d, scale: E, x: &[E], y: &mut [E]) {
    if takes_rows(window) {
        return rows::sums(level, window.taps(), scale, x, y);
    }
    if takes_pairs(window) {
        return level.run(Pairs { window, scale, x, y });
    }
    y.fill(E::zero());
    let positions = window.positions();
    for (x, y) in x.chunks_exact(window.pixels()).zip(y.chunks_exact_mut(positions)) {
        for_each_run(window, 1, &(0..positions), |run| {
            let (y, pixels) = (&mut y[run.seen], &x[run.pixel..]);
            match window.stride[1] {
                1 => y.iter_mut().zip(pixels).for_each(|(y, &x)| *y += x),
                stride => y.iter_mut().zip(pixels.iter().step_by(stride)).for_each(|(y, &x)| *y += x),
            }
        });
        for y in y.iter_mut() {
            *y *= scale;
        }
    }
}

/// The gradient of [`sum_pool2d`]: each pixel gets scale times the sum of the dy of the windows that see it.
///
/// # Shapes
///
/// `dy`: (channels, output rows, output columns); `dx` (overwritten): (channels, input rows, input columns).
pub fn sum_pool2d_backward<E: Element>(level: Level, window: &Window2d, scale: E, dy: &[E], dx: &mut [E]) {
    if takes_rows(window) {
        return dx.chunks_exact_mut(window.taps()).zip(dy).for_each(|(dx, &dy)| dx.fill(scale * dy));
    }
    if takes_pairs(window) {
        return level.run(PairsBackward { window, scale, dy, dx });
    }
    dx.fill(E::zero());
    let positions = window.positions();
    for (dy, dx) in dy.chunks_exact(positions).zip(dx.chunks_exact_mut(window.pixels())) {
        for_each_run(window, 1, &(0..positions), |run| {
            let (dy, pixels) = (&dy[run.seen], &mut dx[run.pixel..]);
            match window.stride[1] {
                1 => pixels.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx += scale * dy),
                stride => pixels.iter_mut().step_by(stride).zip(dy).for_each(|(dx, &dy)| *dx += scale * dy),
            }
        });
    }
}

fn number<E: Element>(count: usize) -> E {
    E::from_f64(count as f64)
}

/// Whether the windows lie side by side, one below the other, and see nothing but the image.
fn is_tiling(window: &Window2d) -> bool {
    let Window2d { kernel, stride, padding, dilation, input, output, .. } = *window;
    let inside = |axis: usize| output[axis] * kernel[axis] <= input[axis];
    kernel == stride && (padding, dilation) == ([0; 2], [1; 2]) && inside(0) && inside(1)
}

/// Whether each window is a number of whole rows, one after the other without a gap.
fn takes_rows(window: &Window2d) -> bool {
    let Window2d { kernel, input, output, .. } = *window;
    is_tiling(window) && kernel[1] == input[1] && output[0] * kernel[0] == input[0]
}

/// Whether each window is two columns wide.
fn takes_pairs(window: &Window2d) -> bool {
    is_tiling(window) && window.kernel[1] == 2
}

/// [`sum_pool2d`] where each window takes two columns.
struct Pairs<'a, E> {
    window: &'a Window2d,
    scale: E,
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element> Kernel<E> for Pairs<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let ([_, width], [_, half]) = (self.window.input, self.window.output);
        let whole = half / V::COUNT * V::COUNT;
        let scale = V::splat(self.scale);
        let channels = self.x.chunks_exact(self.window.pixels()).zip(self.y.chunks_exact_mut(self.window.positions()));
        for (x, y) in channels {
            for (rows, y) in x.chunks_exact(self.window.kernel[0] * width).zip(y.chunks_exact_mut(half)) {
                for (block, y) in y[..whole].chunks_exact_mut(V::COUNT).enumerate() {
                    let at = 2 * block * V::COUNT;
                    let [mut near, mut far] = [V::splat(E::zero()); 2];
                    for row in rows.chunks_exact(width) {
                        near = near.add(V::load(row, at));
                        far = far.add(V::load(row, at + V::COUNT));
                    }
                    sum_of_pairs(near, far, scale).store_first(y);
                }
                if whole < half {
                    let [mut near, mut far] = [V::splat(E::zero()); 2];
                    for row in rows.chunks_exact(width) {
                        let rest = &row[2 * whole..2 * half];
                        near = near.add(V::load_first(rest));
                        far = far.add(V::load_first(&rest[rest.len().min(V::COUNT)..]));
                    }
                    sum_of_pairs(near, far, scale).store_first(&mut y[whole..]);
                }
            }
        }
    }
}

/// The sums of neighbours in two registers, scaled.
#[inline(always)]
fn sum_of_pairs<E: Element, V: Lanes<E>>(near: V, far: V, scale: V) -> V {
    let [left, right] = near.deinterleave(far);
    V::splat(E::zero()).multiply_add(left.add(right), scale)
}

/// [`sum_pool2d_backward`] where each window takes two columns.
struct PairsBackward<'a, E> {
    window: &'a Window2d,
    scale: E,
    dy: &'a [E],
    dx: &'a mut [E],
}

impl<E: Element> Kernel<E> for PairsBackward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Window2d { kernel: [rows, _], input: [_, width], output: [height, half], .. } = *self.window;
        let whole = half / V::COUNT * V::COUNT;
        let (scale, zero) = (V::splat(self.scale), V::splat(E::zero()));
        let channels = self.dy.chunks_exact(self.window.positions());
        for (dy, dx) in channels.zip(self.dx.chunks_exact_mut(self.window.pixels())) {
            let (seen, unseen) = dx.split_at_mut(height * rows * width);
            unseen.fill(E::zero());
            for (dy, dx) in dy.chunks_exact(half).zip(seen.chunks_exact_mut(rows * width)) {
                for at in (0..whole).step_by(V::COUNT) {
                    let dy = zero.multiply_add(V::load(dy, at), scale);
                    let [near, far] = dy.interleave(dy);
                    for dx in dx.chunks_exact_mut(width) {
                        near.store_first(&mut dx[2 * at..2 * at + V::COUNT]);
                        far.store_first(&mut dx[2 * at + V::COUNT..2 * (at + V::COUNT)]);
                    }
                }
                let dy = zero.multiply_add(V::load_first(&dy[whole..]), scale);
                let [near, far] = dy.interleave(dy);
                for dx in dx.chunks_exact_mut(width) {
                    let (rest, unseen) = dx[2 * whole..].split_at_mut(2 * (half - whole));
                    let (front, back) = rest.split_at_mut(rest.len().min(V::COUNT));
                    near.store_first(front);
                    far.store_first(back);
                    unseen.fill(E::zero());
                }
            }
        }
    }
}
