//! Normalisation within a sample: layer, group, instance and RMS norm are one kernel with different groups.

use core::ops::Range;

use super::norm::{Each, Moments, Normal, Same, Sums};
use super::simd::{Kernel, Lanes, Level};
use crate::activation::Activation;
use crate::element::Element;

/// What of a sample is normalised together.
///
/// # Examples
///
/// ```
/// use shapewright::Activation;
/// use shapewright::kernels::sample_norm::SampleNorm;
/// use shapewright::kernels::simd::Level;
///
/// // Two channels of two positions, each normalised by itself: instance norm.
/// let norm = SampleNorm { groups: 2, channels: 2, positions: 2, centred: true, eps: 1e-12 };
/// let mut y = [0.0; 4];
/// norm.forward(Level::best(), (&[], &[]), &[1.0, 3.0, 10.0, 0.0], &mut y, &mut [], Activation::Identity);
/// assert!(y.iter().zip([-1.0, 1.0, 1.0, -1.0]).all(|(y, expected): (&f64, f64)| (y - expected).abs() < 1e-9));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SampleNorm<E> {
    /// Groups of a sample, each of as many channels, which are normalised by themselves.
    pub groups: usize,
    /// Channels of a sample: a weight and a bias for each, if there are any.
    pub channels: usize,
    /// Values of a channel.
    pub positions: usize,
    /// Whether the mean is taken off.
    pub centred: bool,
    /// What is added to the variance.
    pub eps: E,
}

/// Values kept for each group: the scale and the shift of x̂ = scale·x + shift.
pub const KEPT: usize = 2;

impl<E: Element> SampleNorm<E> {
    /// y = epilogue(weight·x̂ + bias).
    ///
    /// # Shapes
    ///
    /// `x` and `y` (overwritten): (samples, channels, positions); `weight` and `bias`: (channels), or none; `kept`, for the way
    /// back (overwritten): (samples, groups, [`KEPT`]), or none.
    pub fn forward(
        self,
        level: Level,
        (weight, bias): (&[E], &[E]),
        x: &[E],
        y: &mut [E],
        kept: &mut [E],
        epilogue: Activation,
    ) {
        let relu = epilogue == Activation::Relu;
        level.run(SampleForward { norm: self, weight, bias, relu, x, y: &mut *y, kept });
        if !relu {
            epilogue.apply(y);
        }
    }

    /// The gradients of [`forward`](Self::forward) without its epilogue.
    ///
    /// # Shapes
    ///
    /// `dy` and `dx` (overwritten) like `x`; `d_weight` and `d_bias` (added to) like `weight` and `bias`.
    #[allow(clippy::too_many_arguments)] // the arguments of forward and the gradient of each
    pub fn backward(
        self,
        level: Level,
        weight: &[E],
        kept: &[E],
        x: &[E],
        dy: &[E],
        dx: Option<&mut [E]>,
        (d_weight, d_bias): (&mut [E], &mut [E]),
    ) {
        level.run(SampleBackward { norm: self, weight, kept, x, dy, dx, d_weight, d_bias });
    }

    /// The values of a group.
    const fn group(&self) -> usize {
        self.channels / self.groups * self.positions
    }

    /// The channels of the group that is number `index` of all samples.
    const fn channels(&self, index: usize) -> Range<usize> {
        let count = self.channels / self.groups;
        let first = index % self.groups * count;
        first..first + count
    }

    /// The scale and the shift of a group.
    #[inline(always)]
    fn normal<V: Lanes<E>>(&self, x: &[E]) -> Normal<Same<E>, Same<E>> {
        let moments = Moments::of::<E, V>(x, x.len(), 1, 0);
        let (mean, square) = if self.centred { (moments.mean, moments.variance()) } else { (0.0, moments.square()) };
        let scale = (E::from_f64(square) + self.eps).sqrt().recip();
        Normal { scale: Same(scale), shift: Same(-E::from_f64(mean) * scale) }
    }
}

struct SampleForward<'a, E> {
    norm: SampleNorm<E>,
    weight: &'a [E],
    bias: &'a [E],
    relu: bool,
    x: &'a [E],
    y: &'a mut [E],
    kept: &'a mut [E],
}

impl<E: Element> Kernel<E> for SampleForward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { norm, weight, bias, relu, x, y, kept } = self;
        let groups = x.chunks_exact(norm.group()).zip(y.chunks_exact_mut(norm.group()));
        let mut kept = kept.as_chunks_mut::<KEPT>().0.iter_mut();
        for (index, (x, y)) in groups.enumerate() {
            let normal = norm.normal::<V>(x);
            if let Some(kept) = kept.next() {
                *kept = [normal.scale.0, normal.shift.0];
            }
            let channels = norm.channels(index);
            if norm.positions > 1 || weight.is_empty() {
                let planes = x.chunks_exact(norm.positions).zip(y.chunks_exact_mut(norm.positions));
                for (channel, (x, y)) in channels.zip(planes) {
                    let weight = weight.get(channel).copied().unwrap_or(E::one());
                    let bias = bias.get(channel).copied().unwrap_or_default();
                    normal.forward::<E, V>(Same(weight), Same(bias), relu, x, y);
                }
            } else if bias.is_empty() {
                normal.forward::<E, V>(Each(&weight[channels]), Same(E::zero()), relu, x, y);
            } else {
                normal.forward::<E, V>(Each(&weight[channels.clone()]), Each(&bias[channels]), relu, x, y);
            }
        }
    }
}

struct SampleBackward<'a, E> {
    norm: SampleNorm<E>,
    weight: &'a [E],
    kept: &'a [E],
    x: &'a [E],
    dy: &'a [E],
    dx: Option<&'a mut [E]>,
    d_weight: &'a mut [E],
    d_bias: &'a mut [E],
}

impl<E: Element> Kernel<E> for SampleBackward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(self) {
        let Self { norm, weight, kept, x, dy, dx, d_weight, d_bias } = self;
        let size = norm.group();
        let share = -E::from_f64(size as f64).recip();
        let groups = x.chunks_exact(size).zip(dy.chunks_exact(size));
        let mut dx = dx.map(|dx| dx.chunks_exact_mut(size));
        for (index, ((x, dy), &[scale, shift])) in groups.zip(kept.as_chunks::<KEPT>().0).enumerate() {
            let (normal, channels) = (Normal { scale: Same(scale), shift: Same(shift) }, norm.channels(index));
            let dx = dx.as_mut().and_then(Iterator::next);
            if norm.positions > 1 || weight.is_empty() {
                let mut sums = [E::zero(); 2];
                let planes = x.chunks_exact(norm.positions).zip(dy.chunks_exact(norm.positions));
                for (channel, (x, dy)) in channels.clone().zip(planes) {
                    let mut plane = Sums::<V>::none();
                    plane.add(normal, Same(E::one()), x, dy);
                    let [plain, with_normal] = plane.totals();
                    if let (Some(d_weight), Some(d_bias)) = (d_weight.get_mut(channel), d_bias.get_mut(channel)) {
                        *d_weight += with_normal;
                        *d_bias += plain;
                    }
                    let weight = weight.get(channel).copied().unwrap_or(E::one());
                    sums = [sums[0] + weight * plain, sums[1] + weight * with_normal];
                }
                let Some(dx) = dx else { continue };
                let [offset, slope] = sums.map(|sum| sum * share);
                let planes = x.chunks_exact(norm.positions).zip(dy.chunks_exact(norm.positions));
                for (channel, ((x, dy), dx)) in channels.zip(planes.zip(dx.chunks_exact_mut(norm.positions))) {
                    let weight = weight.get(channel).copied().unwrap_or(E::one());
                    normal.backward::<E, V>(Same(weight), Same(slope), Same(offset), x, dy, dx);
                }
            } else {
                let d_bias = if d_bias.is_empty() { &mut [] } else { &mut d_bias[channels.clone()] };
                normal.gradients::<E, V>(x, dy, &mut d_weight[channels.clone()], d_bias);
                let Some(dx) = dx else { continue };
                let weight = Each(&weight[channels]);
                let mut sums = Sums::<V>::none();
                sums.add(normal, weight, x, dy);
                let [offset, slope] = sums.totals().map(|sum| sum * share);
                let offset = if norm.centred { offset } else { E::zero() };
                normal.backward::<E, V>(weight, Same(slope), Same(offset), x, dy, dx);
            }
        }
    }
}
