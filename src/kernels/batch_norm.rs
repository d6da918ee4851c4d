//! Batch normalisation: the values of a channel in all samples are normalised together.

use super::norm::{Each, Moments, Normal, Same, Sums};
use super::simd::{Kernel, Lanes, Processor};
use crate::activation::Activation;
use crate::element::Element;
use crate::parallel;

/// Work of one value in multiply-accumulates of a convolution, for deciding whether threads are worth it.
const WORK: usize = 32;

/// The channels of a batch, and what x̂ = scale·x + shift is in each, with scale = 1/√(σ² + ε) and shift = −μ·scale.
#[derive(Clone, Copy, Debug)]
pub struct Channels<'a, E> {
    /// Values of a channel in one sample.
    pub positions: usize,
    /// The scale of each channel.
    pub scale: &'a [E],
    /// The shift of each channel.
    pub shift: &'a [E],
    /// The weight of each channel.
    pub weight: &'a [E],
}

impl<'a, E: Element> Channels<'a, E> {
    /// The values of a sample.
    const fn sample(&self) -> usize {
        self.positions * self.scale.len()
    }

    /// x̂ of one channel.
    #[inline(always)]
    fn normal(&self, channel: usize) -> Normal<Same<E>, Same<E>> {
        Normal { scale: Same(self.scale[channel]), shift: Same(self.shift[channel]) }
    }

    /// x̂ of the channels from `first` on, of one position each.
    #[inline(always)]
    fn normals(&self, first: usize) -> Normal<Each<'a, E>, Each<'a, E>> {
        Normal { scale: Each(&self.scale[first..]), shift: Each(&self.shift[first..]) }
    }
}

/// The mean and the (biased) variance of each channel over all samples. Threads divide the channels.
///
/// # Shapes
///
/// `x`: (samples, channels, positions); `mean` and `variance` (overwritten): (channels).
///
/// # Examples
///
/// ```
/// use shapewright::kernels::batch_norm::moments;
/// use shapewright::kernels::simd::Processor;
///
/// let (mut mean, mut variance) = ([0.0], [0.0]);
/// moments(Processor::best(1), 2, &[1.0, 2.0, 3.0, 6.0], &mut mean, &mut variance);
/// assert_eq!((mean, variance), ([3.0], [3.5]));
/// ```
pub fn moments<E: Element>(processor: Processor, positions: usize, x: &[E], mean: &mut [E], variance: &mut [E]) {
    let channels = mean.len();
    let part = channels.div_ceil(processor.parts(WORK * x.len()));
    parallel::chunks((mean, part), (variance, part), |index, mean, variance| {
        processor.level.run(ChannelMoments { positions, channels, first: index * part, x, mean, variance });
    });
}

/// y = epilogue(weight·x̂ + bias). Threads divide the samples.
///
/// # Shapes
///
/// `x` and `y` (overwritten): (samples, channels, positions); `bias`: (channels).
pub fn forward<E: Element>(
    processor: Processor,
    channels: Channels<'_, E>,
    bias: &[E],
    x: &[E],
    y: &mut [E],
    epilogue: Activation,
) {
    let part = part_of_samples(processor, channels.sample(), x.len());
    let relu = epilogue == Activation::Relu;
    parallel::parts(y, part, |index, y| {
        let x = &x[index * part..][..y.len()];
        processor.level.run(Normalise { channels, bias, relu, x, y: &mut *y });
        if !relu {
            epilogue.apply(y);
        }
    });
}

/// Σ x̂·dy and Σ dy of each channel: the gradients of weight and bias. Threads divide the channels.
///
/// # Shapes
///
/// `x` and `dy`: (samples, channels, positions); `d_weight` and `d_bias` (overwritten): (channels).
pub fn sums<E: Element>(
    processor: Processor,
    channels: Channels<'_, E>,
    x: &[E],
    dy: &[E],
    d_weight: &mut [E],
    d_bias: &mut [E],
) {
    let part = d_weight.len().div_ceil(processor.parts(WORK * x.len()));
    parallel::chunks((d_weight, part), (d_bias, part), |index, d_weight, d_bias| {
        processor.level.run(ChannelSums { channels, first: index * part, x, dy, d_weight, d_bias });
    });
}

/// dx = scale·(weight·dy + slope·x̂ + offset): in training slope = −weight·Σ x̂·dy/n and offset = −weight·Σ dy/n over the n values
/// of a channel, in evaluation both are 0. Threads divide the samples.
///
/// # Shapes
///
/// `x`, `dy` and `dx` (overwritten): (samples, channels, positions); `slope` and `offset`: (channels).
pub fn backward<E: Element>(
    processor: Processor,
    channels: Channels<'_, E>,
    [slope, offset]: [&[E]; 2],
    x: &[E],
    dy: &[E],
    dx: &mut [E],
) {
    let part = part_of_samples(processor, channels.sample(), x.len());
    parallel::parts(dx, part, |index, dx| {
        let (x, dy) = (&x[index * part..][..dx.len()], &dy[index * part..][..dx.len()]);
        processor.level.run(Denormalise { channels, slope, offset, x, dy, dx });
    });
}

/// The values of as many samples as a thread takes.
fn part_of_samples(processor: Processor, sample: usize, values: usize) -> usize {
    (values / sample).div_ceil(processor.parts(WORK * values)).max(1) * sample
}

struct ChannelMoments<'a, E> {
    positions: usize,
    channels: usize,
    first: usize,
    x: &'a [E],
    mean: &'a mut [E],
    variance: &'a mut [E],
}

impl<E: Element> Kernel<E> for ChannelMoments<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { positions, channels, first, x, mean, variance } = self;
        let (step, samples) = (positions * channels, x.len() / (positions * channels));
        if positions == 1 {
            return feature_moments(&x[first..], channels, samples, mean, variance);
        }
        for (channel, (mean, variance)) in (first..).zip(mean.iter_mut().zip(variance)) {
            let moments = Moments::of::<E, V>(&x[channel * positions..], positions, samples, step);
            (*mean, *variance) = (E::from_f64(moments.mean), E::from_f64(moments.variance()));
        }
    }
}

/// The moments of channels of one position: each is a column of `x`, whose rows start `step` apart.
#[inline(always)]
fn feature_moments<E: Element>(x: &[E], step: usize, samples: usize, mean: &mut [E], variance: &mut [E]) {
    let count = E::from_f64(samples as f64);
    mean.fill(E::zero());
    variance.fill(E::zero());
    for row in x.chunks(step) {
        for (mean, &x) in mean.iter_mut().zip(row) {
            *mean += x;
        }
    }
    for mean in &mut *mean {
        *mean /= count;
    }
    for row in x.chunks(step) {
        for ((&mean, variance), &x) in mean.iter().zip(&mut *variance).zip(row) {
            *variance += (x - mean) * (x - mean);
        }
    }
    for variance in variance {
        *variance /= count;
    }
}

struct Normalise<'a, E> {
    channels: Channels<'a, E>,
    bias: &'a [E],
    relu: bool,
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element> Kernel<E> for Normalise<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { channels, bias, relu, x, y } = self;
        let Channels { positions, weight, .. } = channels;
        let sample = channels.sample();
        for (x, y) in x.chunks_exact(sample).zip(y.chunks_exact_mut(sample)) {
            if positions == 1 {
                let normal = channels.normals(0);
                normal.forward::<E, V>(Each(weight), Each(bias), relu, x, y);
                continue;
            }
            let planes = x.chunks_exact(positions).zip(y.chunks_exact_mut(positions));
            for (channel, (x, y)) in planes.enumerate() {
                let normal = channels.normal(channel);
                normal.forward::<E, V>(Same(weight[channel]), Same(bias[channel]), relu, x, y);
            }
        }
    }
}

struct ChannelSums<'a, E> {
    channels: Channels<'a, E>,
    first: usize,
    x: &'a [E],
    dy: &'a [E],
    d_weight: &'a mut [E],
    d_bias: &'a mut [E],
}

impl<E: Element> Kernel<E> for ChannelSums<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { channels, first, x, dy, d_weight, d_bias } = self;
        let (positions, sample) = (channels.positions, channels.sample());
        if positions == 1 {
            let normal = channels.normals(first);
            let range = first..first + d_weight.len();
            d_weight.fill(E::zero());
            d_bias.fill(E::zero());
            for (x, dy) in x.chunks_exact(sample).zip(dy.chunks_exact(sample)) {
                normal.gradients::<E, V>(&x[range.clone()], &dy[range.clone()], d_weight, d_bias);
            }
            return;
        }
        for (channel, (d_weight, d_bias)) in (first..).zip(d_weight.iter_mut().zip(d_bias)) {
            let normal = channels.normal(channel);
            let mut sums = Sums::<V>::none();
            for start in (channel * positions..x.len()).step_by(sample) {
                sums.add(normal, Same(E::one()), &x[start..][..positions], &dy[start..][..positions]);
            }
            [*d_bias, *d_weight] = sums.totals();
        }
    }
}

struct Denormalise<'a, E> {
    channels: Channels<'a, E>,
    slope: &'a [E],
    offset: &'a [E],
    x: &'a [E],
    dy: &'a [E],
    dx: &'a mut [E],
}

impl<E: Element> Kernel<E> for Denormalise<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { channels, slope, offset, x, dy, dx } = self;
        let Channels { positions, weight, .. } = channels;
        let sample = channels.sample();
        let samples = x.chunks_exact(sample).zip(dy.chunks_exact(sample)).zip(dx.chunks_exact_mut(sample));
        for ((x, dy), dx) in samples {
            if positions == 1 {
                let normal = channels.normals(0);
                normal.backward::<E, V>(Each(weight), Each(slope), Each(offset), x, dy, dx);
                continue;
            }
            let planes = x.chunks_exact(positions).zip(dy.chunks_exact(positions));
            for (channel, ((x, dy), dx)) in planes.zip(dx.chunks_exact_mut(positions)).enumerate() {
                let normal = channels.normal(channel);
                let [weight, slope, offset] = [weight, slope, offset].map(|values| values[channel]);
                normal.backward::<E, V>(Same(weight), Same(slope), Same(offset), x, dy, dx);
            }
        }
    }
}
