//! Normalisation as its formulas say.

/// Which values are normalised together, and which share a weight and a bias: batch, layer, group, instance and RMS norm differ in
/// nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Norm<Group, Channel> {
    /// The group of the value at an index.
    pub group: Group,
    /// The channel of the value at an index.
    pub channel: Channel,
    /// How many groups there are.
    pub groups: usize,
    /// Whether the mean is taken off.
    pub centred: bool,
    /// What is added to the variance.
    pub eps: f64,
}

impl<Group: Fn(usize) -> usize, Channel: Fn(usize) -> usize> Norm<Group, Channel> {
    /// How many values each group has, their means (0 where they are not taken off) and their variances about those.
    #[must_use]
    pub fn moments(&self, x: &[f64]) -> [Vec<f64>; 3] {
        let [mut count, mut mean, mut variance] = [(); 3].map(|()| vec![0.0; self.groups]);
        for (index, &x) in x.iter().enumerate() {
            count[(self.group)(index)] += 1.0;
            mean[(self.group)(index)] += x;
        }
        for (mean, count) in mean.iter_mut().zip(&count) {
            *mean = if self.centred { *mean / count } else { 0.0 };
        }
        for (index, &x) in x.iter().enumerate() {
            let group = (self.group)(index);
            variance[group] += (x - mean[group]).powi(2) / count[group];
        }
        [count, mean, variance]
    }

    /// y = weight·(x − μ)/√(σ² + ε) + bias.
    ///
    /// # Shapes
    ///
    /// `x` and `y` (overwritten) alike; a weight and a bias for each channel.
    pub fn forward(&self, weight: &[f64], bias: &[f64], x: &[f64], y: &mut [f64]) {
        let [_, mean, variance] = self.moments(x);
        for (index, y) in y.iter_mut().enumerate() {
            let (group, channel) = ((self.group)(index), (self.channel)(index));
            let normal = (x[index] - mean[group]) / (variance[group] + self.eps).sqrt();
            *y = weight[channel] * normal + bias[channel];
        }
    }

    /// The gradients of [`forward`](Self::forward), by way of those of each variance and mean, as in Ioffe and Szegedy, 2015.
    ///
    /// # Shapes
    ///
    /// `dy` and `dx` (overwritten) like `x`; `d_weight` and `d_bias` (added to) like `weight` and `bias`.
    pub fn backward(
        &self,
        weight: &[f64],
        x: &[f64],
        dy: &[f64],
        dx: &mut [f64],
        d_weight: &mut [f64],
        d_bias: &mut [f64],
    ) {
        let [count, mean, variance] = self.moments(x);
        let (mut d_variance, mut d_mean) = (vec![0.0; self.groups], vec![0.0; self.groups]);
        for index in 0..x.len() {
            let (group, channel) = ((self.group)(index), (self.channel)(index));
            let (distance, deviation) = (x[index] - mean[group], (variance[group] + self.eps).sqrt());
            let d_normal = dy[index] * weight[channel];
            d_weight[channel] += dy[index] * distance / deviation;
            d_bias[channel] += dy[index];
            d_variance[group] -= d_normal * distance / (2.0 * deviation.powi(3));
            d_mean[group] -= if self.centred { d_normal / deviation } else { 0.0 };
        }
        for (index, dx) in dx.iter_mut().enumerate() {
            let (group, channel) = ((self.group)(index), (self.channel)(index));
            let (distance, deviation) = (x[index] - mean[group], (variance[group] + self.eps).sqrt());
            *dx = dy[index] * weight[channel] / deviation
                + d_variance[group] * 2.0 * distance / count[group]
                + d_mean[group] / count[group];
        }
    }
}
