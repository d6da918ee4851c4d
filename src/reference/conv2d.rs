//! 2-D convolution, forward and backward, and the columns that turn it into a matrix product.

use super::pixel;
use crate::element::Element;
use crate::kernels::conv2d::Conv2dGeometry;
use crate::kernels::window::Window2d;

/// 2-D convolution as deep learning means it: the kernel is laid over the image, not flipped.
///
/// y\[o, i, j\] = bias\[o\] + Σ\_c Σ\_m Σ\_n weight\[o, c, m, n\] · x\[c, i·s + m·d − p, j·s + n·d − p\]
///
/// - o is a filter, and with it a channel of the output; (i, j) is a position of the window;
/// - c runs over the channels that the filter sees: all of them, or with groups those of its group;
/// - (m, n) is a tap: a weight's place in the kernel;
/// - s is the stride, d the dilation, p the padding, each for rows and columns apart. Where the index into x leaves the
///   image, the tap sees padding, which is zero and adds nothing.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); `y`: (filters, output rows, output columns); `weight`: (filters,
/// channels / groups, kernel rows, kernel columns); `bias`: one for each filter, or none at all.
///
/// # Examples
///
/// ```
/// use shapewright::kernels::conv2d::Conv2dGeometry;
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::conv2d;
///
/// let window = Window2d::new(1, [3, 3], [2, 2], [1, 1], [0, 0], [1, 1]).unwrap();
/// let geometry = Conv2dGeometry { window, filters: 1, groups: 1 };
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
/// let mut y = [0.0; 4];
/// conv2d(&geometry, &[1.0, 0.0, 0.0, -1.0], &[10.0], &x, &mut y);
/// assert_eq!(y, [6.0; 4]); // 10 + x[i, j] − x[i + 1, j + 1]
/// ```
pub fn conv2d<E: Element>(geometry: &Conv2dGeometry, weight: &[E], bias: &[E], x: &[E], y: &mut [E]) {
    for (filter, y) in y.chunks_exact_mut(geometry.window.positions()).enumerate() {
        y.fill(bias.get(filter).copied().unwrap_or_default());
    }
    for_each_product(geometry, |weight_index, x_index, y_index| {
        y[y_index] += weight[weight_index] * x[x_index];
    });
}

/// The gradients of [`conv2d`].
///
/// Forward, every product weight\[k\] · x\[l\] is added to one y\[q\]. A small change of weight\[k\] therefore changes
/// y\[q\] by x\[l\] times as much, and a change of x\[l\] by weight\[k\] times as much; the chain rule multiplies by
/// dy\[q\] and adds up over all products in which the number takes part:
///
/// - d\_weight\[o, c, m, n\] += Σ\_i Σ\_j dy\[o, i, j\] · x\[c, i·s + m·d − p, j·s + n·d − p\]
/// - dx\[c, i·s + m·d − p, j·s + n·d − p\] = the sum of weight\[o, c, m, n\] · dy\[o, i, j\] over all o, i, j, m, n that
///   lead to this pixel
/// - d\_bias\[o\] += Σ\_i Σ\_j dy\[o, i, j\], for bias\[o\] is added to every position
///
/// # Shapes
///
/// `dy` like `y`, `dx` (overwritten) like `x`, `d_weight` and `d_bias` (added to) like `weight` and `bias`; `d_bias`
/// is empty if there is no bias.
///
/// # Examples
///
/// ```
/// use shapewright::kernels::conv2d::Conv2dGeometry;
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::conv2d_backward;
///
/// let window = Window2d::new(1, [1, 3], [1, 2], [1, 1], [0, 0], [1, 1]).unwrap();
/// let geometry = Conv2dGeometry { window, filters: 1, groups: 1 };
/// let (mut dx, mut d_weight, mut d_bias) = ([0.0; 3], [0.0; 2], [0.0]);
/// conv2d_backward(
///     &geometry,
///     &[10.0, 20.0],
///     &[1.0, 2.0, 3.0],
///     &[1.0, 1.0],
///     Some(&mut dx),
///     &mut d_weight,
///     &mut d_bias,
/// );
/// assert_eq!(dx, [10.0, 30.0, 20.0]);
/// assert_eq!(d_weight, [1.0 + 2.0, 2.0 + 3.0]);
/// assert_eq!(d_bias, [2.0]);
/// ```
pub fn conv2d_backward<E: Element>(
    geometry: &Conv2dGeometry,
    weight: &[E],
    x: &[E],
    dy: &[E],
    mut dx: Option<&mut [E]>,
    d_weight: &mut [E],
    d_bias: &mut [E],
) {
    for (d_bias, dy) in d_bias.iter_mut().zip(dy.chunks_exact(geometry.window.positions())) {
        *d_bias += dy.iter().copied().sum();
    }
    if let Some(dx) = &mut dx {
        dx.fill(E::zero());
    }
    for_each_product(geometry, |weight_index, x_index, y_index| {
        d_weight[weight_index] += x[x_index] * dy[y_index];
        if let Some(dx) = &mut dx {
            dx[x_index] += weight[weight_index] * dy[y_index];
        }
    });
}

/// Names every product of a convolution by its indices (weight, x, y): the seven loops of the formula.
fn for_each_product(geometry: &Conv2dGeometry, mut visit: impl FnMut(usize, usize, usize)) {
    let window = &geometry.window;
    let mut y_index = 0;
    for filter in 0..geometry.filters {
        let first_channel = filter / geometry.group_filters() * geometry.group_channels();
        for i in 0..window.output[0] {
            for j in 0..window.output[1] {
                let mut weight_index = filter * geometry.filter_len();
                for c in first_channel..first_channel + geometry.group_channels() {
                    for m in 0..window.kernel[0] {
                        for n in 0..window.kernel[1] {
                            if let Some(x_index) = pixel(window, c, [i, j], [m, n]) {
                                visit(weight_index, x_index, y_index);
                            }
                            weight_index += 1;
                        }
                    }
                }
                y_index += 1;
            }
        }
    }
}

/// Lays out what the window sees at each position as one row: the values of all channels and taps, zero for padding.
///
/// Row i·(output columns) + j, column (c·(kernel rows) + m)·(kernel columns) + n holds
/// x\[c, i·s + m·d − p, j·s + n·d − p\]. A convolution is then the product of this matrix with the filters as columns.
///
/// # Shapes
///
/// `x`: (channels, input rows, input columns); the result: (positions, channels · taps).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::im2col;
///
/// let window = Window2d::new(1, [2, 3], [2, 2], [1, 1], [0, 0], [1, 1]).unwrap();
/// let rows = im2col(&window, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// assert_eq!(rows, [1.0, 2.0, 4.0, 5.0, /* and one to the right */ 2.0, 3.0, 5.0, 6.0]);
/// ```
#[must_use]
pub fn im2col<E: Element>(window: &Window2d, x: &[E]) -> Vec<E> {
    let mut rows = vec![E::zero(); window.positions() * window.channels * window.taps()];
    for_each_seen(window, |row_index, x_index| rows[row_index] = x[x_index]);
    rows
}

/// The way back from [`im2col`]: adds each value to the pixel it came from. A pixel that several windows see gets the
/// sum, so this is the gradient of `im2col`, not its inverse.
///
/// # Shapes
///
/// `rows`: (positions, channels · taps); the result: (channels, input rows, input columns).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::window::Window2d;
/// use shapewright::reference::col2im;
///
/// let window = Window2d::new(1, [3, 3], [2, 2], [1, 1], [0, 0], [1, 1]).unwrap();
/// // How many windows see each pixel:
/// assert_eq!(col2im(&window, &[1.0; 4 * 4]), [1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0]);
/// ```
#[must_use]
pub fn col2im<E: Element>(window: &Window2d, rows: &[E]) -> Vec<E> {
    let mut x = vec![E::zero(); window.input_len()];
    for_each_seen(window, |row_index, x_index| x[x_index] += rows[row_index]);
    x
}

/// Names each element of the matrix of [`im2col`] that comes from a pixel, by its index there and in x.
fn for_each_seen(window: &Window2d, mut visit: impl FnMut(usize, usize)) {
    let mut row_index = 0;
    for i in 0..window.output[0] {
        for j in 0..window.output[1] {
            for c in 0..window.channels {
                for m in 0..window.kernel[0] {
                    for n in 0..window.kernel[1] {
                        if let Some(x_index) = pixel(window, c, [i, j], [m, n]) {
                            visit(row_index, x_index);
                        }
                        row_index += 1;
                    }
                }
            }
        }
    }
}
