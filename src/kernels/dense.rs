//! Dense (fully connected) layers, many samples at once.

use super::gemm::{Matrix, MatrixMut};
use crate::activation::Activation;
use crate::element::Element;

/// Samples from which a matrix product pays for rearranging the weights; fewer are multiplied one by one.
const FORWARD: usize = 8;
/// The same for the gradients.
const BACKWARD: usize = 4;

/// y = epilogue(x · weightᵀ + bias).
///
/// # Shapes
///
/// `x`: (samples, inputs); `y`: (samples, outputs); `weight`: (outputs, inputs); `bias`: one for each output, or none.
///
/// # Panics
///
/// If a slice does not have that length.
///
/// # Examples
///
/// ```
/// use shapewright::Activation;
/// use shapewright::kernels::dense::dense;
///
/// let mut y = [0.0; 2];
/// dense(2, 1, 2, &[1.0, -1.0], &[0.5], &[3.0, 1.0, 1.0, 3.0], &mut y, Activation::Relu);
/// assert_eq!(y, [2.5, 0.0]);
/// ```
#[allow(clippy::too_many_arguments)] // three sizes and four matrices
pub fn dense<E: Element>(
    inputs: usize,
    outputs: usize,
    samples: usize,
    weight: &[E],
    bias: &[E],
    x: &[E],
    y: &mut [E],
    epilogue: Activation,
) {
    if samples < FORWARD {
        for (output, weight) in weight.chunks_exact(inputs).enumerate() {
            let bias = bias.get(output).copied().unwrap_or_default();
            for (x, y) in x.chunks_exact(inputs).zip(y.chunks_exact_mut(outputs)) {
                y[output] = bias + dot(weight, x);
            }
        }
    } else {
        y.chunks_exact_mut(outputs).for_each(|y| y[..bias.len()].copy_from_slice(bias));
        let beta = if bias.is_empty() { E::zero() } else { E::one() };
        let weight = Matrix::new(weight, outputs, inputs).transposed();
        E::multiply(Matrix::new(x, samples, inputs), weight, beta, MatrixMut::new(y, samples, outputs));
    }
    epilogue.apply(y);
}

/// The gradients of [`dense`] without its epilogue: d\_weight += dyᵀ · x, d\_bias += Σ dy over the samples,
/// dx = dy · weight.
///
/// # Shapes
///
/// `dy` like `y`, `dx` (overwritten) like `x`, `d_weight` and `d_bias` (added to) like `weight` and `bias`; `d_bias`
/// is empty if there is no bias.
///
/// # Panics
///
/// If a slice does not have that length.
#[allow(clippy::too_many_arguments)] // the arguments of dense and the gradient of each
pub fn dense_backward<E: Element>(
    inputs: usize,
    outputs: usize,
    samples: usize,
    weight: &[E],
    x: &[E],
    dy: &[E],
    mut dx: Option<&mut [E]>,
    d_weight: &mut [E],
    d_bias: &mut [E],
) {
    for dy in dy.chunks_exact(outputs) {
        d_bias.iter_mut().zip(dy).for_each(|(d_bias, &dy)| *d_bias += dy);
    }
    if samples < BACKWARD {
        if let Some(dx) = &mut dx {
            dx.fill(E::zero());
        }
        let rows = weight.chunks_exact(inputs).zip(d_weight.chunks_exact_mut(inputs));
        for (output, (weight, d_weight)) in rows.enumerate() {
            for (sample, (x, dy)) in x.chunks_exact(inputs).zip(dy.chunks_exact(outputs)).enumerate() {
                add_scaled(d_weight, dy[output], x);
                if let Some(dx) = &mut dx {
                    add_scaled(&mut dx[sample * inputs..][..inputs], dy[output], weight);
                }
            }
        }
    } else {
        let dy = Matrix::new(dy, samples, outputs);
        let x = Matrix::new(x, samples, inputs);
        E::multiply(dy.transposed(), x, E::one(), MatrixMut::new(d_weight, outputs, inputs));
        if let Some(dx) = dx {
            E::multiply(dy, Matrix::new(weight, outputs, inputs), E::zero(), MatrixMut::new(dx, samples, inputs));
        }
    }
}

/// Σ a · b, in sixteen sums side by side that fit vector registers.
fn dot<E: Element>(a: &[E], b: &[E]) -> E {
    let mut sums = [E::zero(); 16];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    for (a, b) in a.iter().zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(&a, &b)| a * b);
    sums.into_iter().chain(rest).sum()
}

/// y += a · x.
fn add_scaled<E: Element>(y: &mut [E], a: E, x: &[E]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += a * x);
}
