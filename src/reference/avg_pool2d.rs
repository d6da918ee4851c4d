//! 2-D average pooling, forward and backward.

use super::pixel;
use crate::element::Element;
use crate::kernels::avg_pool2d::AvgPool2dGeometry;

/// 2-D average pooling: of each window, the mean.
///
/// y\[c, i, j\] = Σ\_m Σ\_n x\[c, i·s + m − p, j·s + n − p\] / divisor(i, j)
///
/// - c is a channel; each is pooled for itself; (i, j) is a position of the window, (m, n) a tap in it;
/// - s is the stride, p the padding, each for rows and columns apart; padding counts as 0;
/// - the divisor is the number of taps, or of those that see a pixel: see
///   [`AvgPool2dGeometry`].
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (channels, output rows, output columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::avg_pool2d::AvgPool2dGeometry;
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::avg_pool2d;
///
/// let window = Window2d::new(1, [1, 3], [1, 2], [1, 1], [0, 1], [1, 1]).unwrap();
/// let mut y = [0.0; 4];
/// avg_pool2d(&AvgPool2dGeometry::count_padding(window, [0, 1]), &[2.0, 4.0, 6.0], &mut y);
/// assert_eq!(y, [1.0, 3.0, 5.0, 3.0]);
/// avg_pool2d(&AvgPool2dGeometry::skip_padding(window), &[2.0, 4.0, 6.0], &mut y);
/// assert_eq!(y, [2.0, 3.0, 5.0, 6.0]);
/// ```
pub fn avg_pool2d<E: Element>(geometry: &AvgPool2dGeometry, x: &[E], y: &mut [E]) {
    y.fill(E::zero());
    for_each_share(geometry, |x_index, y_index, divisor| y[y_index] += x[x_index] / divisor);
}

/// The gradient of [`avg_pool2d`].
///
/// A small change of a pixel changes the mean of each window that sees it by one divisor-th. So each pixel gets the sum
/// of dy / divisor over these windows.
///
/// # Shapes
///
/// `dy`: (channels, output rows, output columns); `dx` (overwritten): (channels, input rows, input columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::avg_pool2d::AvgPool2dGeometry;
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::avg_pool2d_backward;
///
/// let window = Window2d::new(1, [1, 3], [1, 2], [1, 1], [0, 0], [1, 1]).unwrap();
/// let mut dx = [0.0; 3];
/// avg_pool2d_backward(&AvgPool2dGeometry::skip_padding(window), &[2.0, 20.0], &mut dx);
/// assert_eq!(dx, [1.0, 11.0, 10.0]);
/// ```
pub fn avg_pool2d_backward<E: Element>(geometry: &AvgPool2dGeometry, dy: &[E], dx: &mut [E]) {
    dx.fill(E::zero());
    for_each_share(geometry, |x_index, y_index, divisor| dx[x_index] += dy[y_index] / divisor);
}

/// Names each pixel that a window sees: its index in x, the window's index in y, and the window's divisor.
fn for_each_share<E: Element>(geometry: &AvgPool2dGeometry, mut visit: impl FnMut(usize, usize, E)) {
    let window = &geometry.window;
    let mut y_index = 0;
    for c in 0..window.channels {
        for i in 0..window.output[0] {
            for j in 0..window.output[1] {
                for m in 0..window.kernel[0] {
                    for n in 0..window.kernel[1] {
                        if let Some(x_index) = pixel(window, c, [i, j], [m, n]) {
                            visit(x_index, y_index, E::from_f64(geometry.divisor(i, j) as f64));
                        }
                    }
                }
                y_index += 1;
            }
        }
    }
}
