//! 2-D max pooling, forward and backward.

use super::pixel;
use crate::element::Element;
use crate::kernels::window::Window2d;

/// 2-D max pooling: of each window, the largest value.
///
/// y\[c, i, j\] = max over (m, n) of x\[c, i·s + m·d − p, j·s + n·d − p\]
///
/// - c is a channel; each is pooled for itself; (i, j) is a position of the window, (m, n) a tap in it;
/// - s is the stride, d the dilation, p the padding, each for rows and columns apart; padding counts as −∞;
/// - NaN is larger than every number, so that it is not lost.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (channels, output rows, output columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::max_pool2d;
///
/// let window = Window2d::new(1, [2, 4], [2, 2], [2, 2], [0, 0], [1, 1]).unwrap();
/// let mut y = [0.0; 2];
/// max_pool2d(&window, &[1.0, 2.0, -1.0, -2.0, 3.0, 0.0, -3.0, -4.0], &mut y);
/// assert_eq!(y, [3.0, -1.0]);
/// ```
pub fn max_pool2d<E: Element>(window: &Window2d, x: &[E], y: &mut [E]) {
    y.fill(E::neg_infinity());
    for_each_maximum(window, x, |x_index, y_index| y[y_index] = x[x_index]);
}

/// The gradient of [`max_pool2d`].
///
/// A small change of the largest value of a window changes y by as much; the other values do not count. So each
/// dy\[c, i, j\] goes to the pixel that was the maximum, and a pixel that was the maximum of several windows gets their
/// sum. Of equal maxima the first takes it all, row by row, as in `PyTorch`; course code that gives it to each of them
/// differs here.
///
/// # Shapes
///
/// `x` and `dx` (overwritten): (channels, input rows, input columns); `dy`: (channels, output rows, output columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::max_pool2d_backward;
///
/// let window = Window2d::new(1, [1, 4], [1, 2], [1, 1], [0, 0], [1, 1]).unwrap();
/// let mut dx = [0.0; 4];
/// max_pool2d_backward(&window, &[5.0, 5.0, 1.0, 0.0], &[1.0, 10.0, 100.0], &mut dx);
/// assert_eq!(dx, [1.0, 10.0, 100.0, 0.0]);
/// ```
pub fn max_pool2d_backward<E: Element>(window: &Window2d, x: &[E], dy: &[E], dx: &mut [E]) {
    dx.fill(E::zero());
    for_each_maximum(window, x, |x_index, y_index| dx[x_index] += dy[y_index]);
}

/// Names the first maximum of each window that sees a pixel: its index in x, and the window's index in y.
fn for_each_maximum<E: Element>(window: &Window2d, x: &[E], mut visit: impl FnMut(usize, usize)) {
    let mut y_index = 0;
    for c in 0..window.channels {
        for i in 0..window.output[0] {
            for j in 0..window.output[1] {
                let mut maximum = None;
                for m in 0..window.kernel[0] {
                    for n in 0..window.kernel[1] {
                        let Some(x_index) = pixel(window, c, [i, j], [m, n]) else {
                            continue;
                        };
                        let larger = |other: usize| x[x_index] > x[other] || x[x_index].is_nan() && !x[other].is_nan();
                        if maximum.is_none_or(larger) {
                            maximum = Some(x_index);
                        }
                    }
                }
                if let Some(x_index) = maximum {
                    visit(x_index, y_index);
                }
                y_index += 1;
            }
        }
    }
}
