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
    if halves(window) {
        return level.run(HalveBackward { window, x, dy, dx });
    }
    dx.fill(E::zero());
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
        let whole = half / V::COUNT * V::COUNT;
        let channels = self.x.chunks_exact(self.window.pixels()).zip(self.y.chunks_exact_mut(self.window.positions()));
        for (x, y) in channels {
            for (rows, y) in x.chunks_exact(2 * width).zip(y.chunks_exact_mut(half)) {
                let (top, bottom) = rows.split_at(width);
                for (index, y) in y[..whole].chunks_exact_mut(V::COUNT).enumerate() {
                    let at = 2 * index * V::COUNT;
                    Squares::<V>::load(top, bottom, at).maximum().store_first(y);
                }
                if whole < half {
                    Squares::<V>::load_rest(&top[2 * whole..], &bottom[2 * whole..])
                        .maximum()
                        .store_first(&mut y[whole..]);
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
        let ([_, width], [height, half], pixels) = (self.window.input, self.window.output, self.window.pixels());
        let whole = half / V::COUNT * V::COUNT;
        let channels = self.x.chunks_exact(pixels).zip(self.dx.chunks_exact_mut(pixels));
        for ((x, dx), dy) in channels.zip(self.dy.chunks_exact(self.window.positions())) {
            let (seen, unseen) = dx.split_at_mut(2 * height * width);
            unseen.fill(E::zero());
            let rows = x.chunks_exact(2 * width).zip(seen.chunks_exact_mut(2 * width));
            for ((x, dx), dy) in rows.zip(dy.chunks_exact(half)) {
                let (top, bottom) = x.split_at(width);
                let (d_top, d_bottom) = dx.split_at_mut(width);
                let blocks = d_top.chunks_exact_mut(2 * V::COUNT).zip(d_bottom.chunks_exact_mut(2 * V::COUNT));
                for (index, (d_top, d_bottom)) in blocks.enumerate() {
                    let at = index * V::COUNT;
                    let [near, far] = Squares::<V>::load(top, bottom, 2 * at).route(V::load(dy, at));
                    store_pair(near, d_top);
                    store_pair(far, d_bottom);
                }
                if whole < half {
                    let [near, far] = Squares::<V>::load_rest(&top[2 * whole..2 * half], &bottom[2 * whole..2 * half])
                        .route(V::load_first(&dy[whole..]));
                    store_pair(near, &mut d_top[2 * whole..2 * half]);
                    store_pair(far, &mut d_bottom[2 * whole..2 * half]);
                }
                if 2 * half < width {
                    (d_top[width - 1], d_bottom[width - 1]) = (E::zero(), E::zero());
                }
            }
        }
    }
}

/// Squares of 2×2 values, side by side: the upper left one of each, the upper right, the lower left, the lower right.
struct Squares<V>([V; 4]);

impl<V> Squares<V> {
    /// The squares of two rows, from the value `at` on.
    #[inline(always)]
    fn load<E>(top: &[E], bottom: &[E], at: usize) -> Self
    where
        V: Lanes<E>,
    {
        let [a, b] = V::load(top, at).deinterleave(V::load(top, at + V::COUNT));
        let [c, d] = V::load(bottom, at).deinterleave(V::load(bottom, at + V::COUNT));
        Self([a, b, c, d])
    }

    /// The squares of the ends of two rows; zeros follow.
    #[inline(always)]
    fn load_rest<E>(top: &[E], bottom: &[E]) -> Self
    where
        V: Lanes<E>,
    {
        let middle = top.len().min(V::COUNT);
        let [a, b] = V::load_first(top).deinterleave(V::load_first(&top[middle..]));
        let [c, d] = V::load_first(bottom).deinterleave(V::load_first(&bottom[middle..]));
        Self([a, b, c, d])
    }

    /// The largest value of each square.
    #[inline(always)]
    fn maximum<E>(self) -> V
    where
        V: Lanes<E>,
    {
        let Self([a, b, c, d]) = self;
        let (upper, lower) = (a.pick(b, a, b), c.pick(d, c, d));
        upper.pick(lower, upper, lower)
    }

    /// Two registers of the upper row and two of the lower with dy at the first maximum of each square, and zeros elsewhere.
    #[inline(always)]
    fn route<E: Element>(self, dy: V) -> [[V; 2]; 2]
    where
        V: Lanes<E>,
    {
        let Self([a, b, c, d]) = self;
        let none = V::splat(E::zero());
        let (upper, lower) = (a.pick(b, a, b), c.pick(d, c, d));
        let (d_upper, d_lower) = (upper.pick(lower, dy, none), upper.pick(lower, none, dy));
        [
            a.pick(b, d_upper, none).interleave(a.pick(b, none, d_upper)),
            c.pick(d, d_lower, none).interleave(c.pick(d, none, d_lower)),
        ]
    }
}

/// Writes as many lanes of two registers as there is room for.
#[inline(always)]
fn store_pair<E, V: Lanes<E>>([near, far]: [V; 2], row: &mut [E]) {
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
