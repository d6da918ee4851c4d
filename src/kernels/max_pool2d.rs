//! 2-D max pooling.

use super::conv2d::for_each_run;
use super::simd::{Kernel, Lanes, Level};
use super::window::Window2d;
use crate::element::Element;

/// y\[c, i, j\] = the maximum of x\[c\] in the window at (i, j), with −∞ around x; NaN wherever the window sees NaN.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (channels, output rows, output columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::max_pool2d::max_pool2d;
/// use shapewright::kernels::simd::Level;
/// use shapewright::kernels::window::Window2d;
///
/// let window = Window2d::new(1, [2, 4], [2, 2], [2, 2], [0, 0], [1, 1]).unwrap();
/// let mut y = [0.0; 2];
/// max_pool2d(Level::best(), &window, &[1.0, 2.0, -1.0, -2.0, 3.0, 0.0, -3.0, -4.0], &mut y);
/// assert_eq!(y, [3.0, -1.0]);
/// ```
pub fn max_pool2d<E: Element>(level: Level, window: &Window2d, x: &[E], y: &mut [E]) {
    if halves(window) {
        return level.run(Halve { window, x, y });
    }
    y.fill(E::neg_infinity());
    let positions = window.positions();
    for (x, y) in x.chunks_exact(window.pixels()).zip(y.chunks_exact_mut(positions)) {
        for_each_run(window, 1, &(0..positions), |run| {
            let (y, pixels) = (&mut y[run.seen], &x[run.pixel..]);
            let keep_larger = |(y, &x): (&mut E, &E)| *y = larger([*y, x]);
            match window.stride[1] {
                1 => y.iter_mut().zip(pixels).for_each(keep_larger),
                stride => y.iter_mut().zip(pixels.iter().step_by(stride)).for_each(keep_larger),
            }
        });
    }
}

/// The gradient of [`max_pool2d`]: each dy goes to the first maximum of its window (or to the first NaN), row by row.
///
/// # Shapes
///
/// `x` and `dx` (overwritten): (channels, input rows, input columns); `dy`: (channels, output rows, output columns).
pub fn max_pool2d_backward<E: Element>(level: Level, window: &Window2d, x: &[E], dy: &[E], dx: &mut [E]) {
    dx.fill(E::zero());
    if halves(window) {
        return level.run(HalveBackward { window, x, dy, dx });
    }
    let pixels = window.pixels();
    let channels = x.chunks_exact(pixels).zip(dx.chunks_exact_mut(pixels)).zip(dy.chunks_exact(window.positions()));
    for ((x, dx), dy) in channels {
        for (row, dy) in dy.chunks_exact(window.output[1]).enumerate() {
            for (column, &dy) in dy.iter().enumerate() {
                if let Some(pixel) = first_maximum(window, x, row, column) {
                    dx[pixel] += dy;
                }
            }
        }
    }
}

/// Whether this is the usual pooling, which halves the image: 2×2 windows side by side.
fn halves(window: &Window2d) -> bool {
    let Window2d { kernel, stride, padding, dilation, input, output, .. } = *window;
    (kernel, stride, padding, dilation) == ([2; 2], [2; 2], [0; 2], [1; 2]) && output == input.map(|size| size / 2)
}

/// [`max_pool2d`] where the window [`halves`] the image.
struct Halve<'a, E> {
    window: &'a Window2d,
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element> Kernel<E> for Halve<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let ([_, width], [_, half]) = (self.window.input, self.window.output);
        let channels = self.x.chunks_exact(self.window.pixels()).zip(self.y.chunks_exact_mut(self.window.positions()));
        for (x, y) in channels {
            for (rows, y) in x.chunks_exact(2 * width).zip(y.chunks_exact_mut(half)) {
                let (top, bottom) = rows.split_at(width);
                for column in (0..half).step_by(V::COUNT) {
                    let ([a, b], [c, d]) = (pairs::<E, V>(top, column), pairs::<E, V>(bottom, column));
                    let (upper, lower) = (a.pick(b, a, b), c.pick(d, c, d));
                    upper.pick(lower, upper, lower).store_first(&mut y[column..]);
                }
            }
        }
    }
}

/// [`max_pool2d_backward`] where the window [`halves`] the image; dx is zero where no window is.
struct HalveBackward<'a, E> {
    window: &'a Window2d,
    x: &'a [E],
    dy: &'a [E],
    dx: &'a mut [E],
}

impl<E: Element> Kernel<E> for HalveBackward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let ([_, width], [_, half], pixels) = (self.window.input, self.window.output, self.window.pixels());
        let none = V::splat(E::zero());
        let channels = self.x.chunks_exact(pixels).zip(self.dx.chunks_exact_mut(pixels));
        for ((x, dx), dy) in channels.zip(self.dy.chunks_exact(self.window.positions())) {
            let rows = x.chunks_exact(2 * width).zip(dx.chunks_exact_mut(2 * width));
            for ((x, dx), dy) in rows.zip(dy.chunks_exact(half)) {
                let (top, bottom) = x.split_at(width);
                let (d_top, d_bottom) = dx.split_at_mut(width);
                for column in (0..half).step_by(V::COUNT) {
                    let ([a, b], [c, d]) = (pairs::<E, V>(top, column), pairs::<E, V>(bottom, column));
                    let (upper, lower) = (a.pick(b, a, b), c.pick(d, c, d));
                    let dy = V::load_first(&dy[column..]);
                    let (d_upper, d_lower) = (upper.pick(lower, dy, none), upper.pick(lower, none, dy));
                    put_pairs(a.pick(b, d_upper, none), a.pick(b, none, d_upper), &mut d_top[..2 * half], column);
                    put_pairs(c.pick(d, d_lower, none), c.pick(d, none, d_lower), &mut d_bottom[..2 * half], column);
                }
            }
        }
    }
}

/// The left and the right values of the pairs of a row, from the pair `first` on.
#[inline(always)]
fn pairs<E, V: Lanes<E>>(row: &[E], first: usize) -> [V; 2] {
    let row = &row[2 * first..];
    V::load_first(row).deinterleave(V::load_first(&row[row.len().min(V::COUNT)..]))
}

/// Writes left and right values of the pairs of a row, from the pair `first` on.
#[inline(always)]
fn put_pairs<E, V: Lanes<E>>(left: V, right: V, row: &mut [E], first: usize) {
    let [near, far] = left.interleave(right);
    let row = &mut row[2 * first..];
    let (front, back) = row.split_at_mut(row.len().min(V::COUNT));
    near.store_first(front);
    far.store_first(back);
}

/// The maximum of two.
#[inline(always)]
fn larger<E: Element>([first, second]: [E; 2]) -> E {
    if replaces(first, second) { second } else { first }
}

/// The pixel of one channel that the window at (row, column) takes, if it sees one.
fn first_maximum<E: Element>(window: &Window2d, x: &[E], row: usize, column: usize) -> Option<usize> {
    let mut best = None;
    for tap_row in 0..window.kernel[0] {
        // An index before the first pixel wraps around, and so lies beyond the last.
        let pixel_row = (row * window.stride[0] + tap_row * window.dilation[0]).wrapping_sub(window.padding[0]);
        if pixel_row >= window.input[0] {
            continue;
        }
        for tap_column in 0..window.kernel[1] {
            let pixel_column =
                (column * window.stride[1] + tap_column * window.dilation[1]).wrapping_sub(window.padding[1]);
            if pixel_column < window.input[1] {
                let pixel = pixel_row * window.input[1] + pixel_column;
                if best.is_none_or(|best: usize| replaces(x[best], x[pixel])) {
                    best = Some(pixel);
                }
            }
        }
    }
    best
}

/// Whether a later value takes the place of the maximum so far: the first of equals stays, and NaN is the largest.
#[inline(always)]
fn replaces<E: Element>(maximum: E, later: E) -> bool {
    !(maximum >= later || maximum.is_nan())
}
