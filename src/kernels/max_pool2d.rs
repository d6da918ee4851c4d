//! 2-D max pooling.

use super::conv2d::for_each_run;
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
/// use shapewright::kernels::window::Window2d;
///
/// let window = Window2d::new(1, [2, 4], [2, 2], [2, 2], [0, 0], [1, 1]).unwrap();
/// let mut y = [0.0; 2];
/// max_pool2d(&window, &[1.0, 2.0, -1.0, -2.0, 3.0, 0.0, -3.0, -4.0], &mut y);
/// assert_eq!(y, [3.0, -1.0]);
/// ```
pub fn max_pool2d<E: Element>(window: &Window2d, x: &[E], y: &mut [E]) {
    if halves(window) {
        return halve(window, x, y);
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
pub fn max_pool2d_backward<E: Element>(window: &Window2d, x: &[E], dy: &[E], dx: &mut [E]) {
    dx.fill(E::zero());
    if halves(window) {
        return halve_backward(window, x, dy, dx);
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

/// [`max_pool2d`] where the window [`halves`] the image: without conditions, so that it runs in vector registers.
fn halve<E: Element>(window: &Window2d, x: &[E], y: &mut [E]) {
    let [_, width] = window.input;
    for (x, y) in x.chunks_exact(window.pixels()).zip(y.chunks_exact_mut(window.positions())) {
        for (rows, y) in x.chunks_exact(2 * width).zip(y.chunks_exact_mut(window.output[1])) {
            let (top, bottom) = rows.split_at(width);
            for ((&top, &bottom), y) in top.as_chunks().0.iter().zip(bottom.as_chunks().0).zip(y) {
                *y = larger([larger(top), larger(bottom)]);
            }
        }
    }
}

/// [`max_pool2d_backward`] where the window [`halves`] the image; dx is zero where no window is.
fn halve_backward<E: Element>(window: &Window2d, x: &[E], dy: &[E], dx: &mut [E]) {
    let ([_, width], pixels) = (window.input, window.pixels());
    let channels = x.chunks_exact(pixels).zip(dx.chunks_exact_mut(pixels)).zip(dy.chunks_exact(window.positions()));
    for ((x, dx), dy) in channels {
        let rows = x.chunks_exact(2 * width).zip(dx.chunks_exact_mut(2 * width)).zip(dy.chunks_exact(width / 2));
        for ((x, dx), dy) in rows {
            let (top, bottom) = x.split_at(width);
            let (d_top, d_bottom) = dx.split_at_mut(width);
            let x = top.as_chunks().0.iter().zip(bottom.as_chunks().0);
            let dx = d_top.as_chunks_mut().0.iter_mut().zip(d_bottom.as_chunks_mut().0);
            for (((&top, &bottom), (d_top, d_bottom)), &dy) in x.zip(dx).zip(dy) {
                let lower = replaces(larger(top), larger(bottom));
                *d_top = share(top, if lower { E::zero() } else { dy });
                *d_bottom = share(bottom, if lower { dy } else { E::zero() });
            }
        }
    }
}

/// The maximum of two.
fn larger<E: Element>([first, second]: [E; 2]) -> E {
    if replaces(first, second) { second } else { first }
}

/// The gradient of [`larger`].
fn share<E: Element>([first, second]: [E; 2], dy: E) -> [E; 2] {
    if replaces(first, second) { [E::zero(), dy] } else { [dy, E::zero()] }
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
fn replaces<E: Element>(maximum: E, later: E) -> bool {
    !(maximum >= later || maximum.is_nan())
}
