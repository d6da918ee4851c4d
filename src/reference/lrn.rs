//! Local response normalisation as its formula says.

use crate::kernels::lrn::LocalResponse;

/// y(c) = x(c) / (k + alpha/size · Σ x(j)²)^beta over the channels j from c − ⌊size/2⌋ to c + ⌊(size−1)/2⌋.
///
/// # Shapes
///
/// `x` and `y` (overwritten): (channels, positions).
pub fn lrn(response: &LocalResponse, [channels, positions]: [usize; 2], x: &[f64], y: &mut [f64]) {
    for (index, y) in y.iter_mut().enumerate() {
        *y = x[index] * base(response, [channels, positions], x, index).powf(-response.beta);
    }
}

/// The gradient of [`lrn`].
///
/// # Shapes
///
/// `dy` and `dx` (overwritten) like `x`.
pub fn lrn_backward(
    response: &LocalResponse,
    [channels, positions]: [usize; 2],
    x: &[f64],
    dy: &[f64],
    dx: &mut [f64],
) {
    dx.fill(0.0);
    for (index, &dy) in dy.iter().enumerate() {
        let base = base(response, [channels, positions], x, index);
        dx[index] += dy * base.powf(-response.beta);
        let d_base = -response.beta * dy * x[index] * base.powf(-response.beta - 1.0);
        for other in neighbours(response, [channels, positions], index) {
            dx[other] += d_base * response.alpha / response.size as f64 * 2.0 * x[other];
        }
    }
}

fn base(response: &LocalResponse, dims: [usize; 2], x: &[f64], index: usize) -> f64 {
    let squares: f64 = neighbours(response, dims, index).map(|other| x[other] * x[other]).sum();
    response.k + response.alpha / response.size as f64 * squares
}

/// The values around one, in the other channels.
fn neighbours(
    response: &LocalResponse,
    [channels, positions]: [usize; 2],
    index: usize,
) -> impl Iterator<Item = usize> {
    let (channel, position) = (index / positions, index % positions);
    let (before, size) = (response.size / 2, response.size);
    (0..channels)
        .filter(move |&other| other + before >= channel && other + before < channel + size)
        .map(move |other| other * positions + position)
}
