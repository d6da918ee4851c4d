//! Dense (fully connected) layers: products with few rows, for which the weights should pass by once.
//!
//! matrixmultiply packs both factors first, which costs more than the product itself when a tile has a handful of samples.
//! Here a block of sums stays in registers while one factor passes by: `F` × `B` of them, with `F` values broadcast and `B`
//! registers loaded for each step.

use super::simd::{Kernel, Lanes, Level, Processor, WIDEST, sum_lanes};
use crate::activation::Activation;
use crate::element::Element;
use crate::parallel;

/// Multiply-accumulates of a convolution that take as long as one of a single sample here, which has to wait for its weight.
const WAITING: usize = 8;
/// Outputs in a block of sums: tiles are of eight or sixteen samples, and with six outputs four samples fill the registers.
const BLOCK: usize = 6;

/// The sizes of a dense layer and the number of samples it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenseGeometry {
    /// Features that come in.
    pub inputs: usize,
    /// Features that go out.
    pub outputs: usize,
    /// Samples.
    pub samples: usize,
}

/// y = epilogue(x · weightᵀ + bias). Threads divide the outputs of a single sample.
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
/// use shapewright::kernels::dense::{DenseGeometry, dense};
/// use shapewright::kernels::simd::Processor;
///
/// let mut y = [0.0; 2];
/// let geometry = DenseGeometry { inputs: 2, outputs: 1, samples: 2 };
/// dense(Processor::best(1), geometry, &[1.0, -1.0], &[0.5], &[3.0, 1.0, 1.0, 3.0], &mut y, Activation::Relu);
/// assert_eq!(y, [2.5, 0.0]);
/// ```
pub fn dense<E: Element>(
    processor: Processor,
    geometry: DenseGeometry,
    weight: &[E],
    bias: &[E],
    x: &[E],
    y: &mut [E],
    epilogue: Activation,
) {
    let DenseGeometry { inputs, outputs, samples } = geometry;
    let parts = if samples == 1 { processor.parts(WAITING * inputs * outputs) } else { 1 };
    let part = if parts > 1 { outputs.div_ceil(parts).next_multiple_of(BLOCK) } else { outputs };
    parallel::parts(y, (part * samples).max(1), |index, y| {
        let geometry = DenseGeometry { outputs: y.len() / samples, ..geometry };
        let (weight, bias) = (&weight[index * part * inputs..], bias.get(index * part..).unwrap_or_default());
        processor.level.run_in_blocks(BLOCK, Forward { geometry, weight, bias, x, y: &mut *y });
        epilogue.apply_at(processor.level, y);
    });
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
    level: Level,
    geometry: DenseGeometry,
    weight: &[E],
    x: &[E],
    dy: &[E],
    dx: Option<&mut [E]>,
    d_weight: &mut [E],
    d_bias: &mut [E],
) {
    let DenseGeometry { inputs, outputs, samples } = geometry;
    for dy in dy.chunks_exact(outputs) {
        d_bias.iter_mut().zip(dy).for_each(|(d_bias, &dy)| *d_bias += dy);
    }
    // d_weight(output, input) += Σ over samples of dy(sample, output) · x(sample, input)
    let by_output = Strided { values: dy, row: 1, step: outputs };
    level.run(Combine {
        coefficients: by_output,
        rows: outputs,
        steps: samples,
        from: x,
        to: d_weight,
        adds: true,
        columns: inputs,
    });
    if let Some(dx) = dx {
        // dx(sample, input) = Σ over outputs of dy(sample, output) · weight(output, input)
        let by_sample = Strided { values: dy, row: outputs, step: 1 };
        level.run(Combine {
            coefficients: by_sample,
            rows: samples,
            steps: outputs,
            from: weight,
            to: dx,
            adds: false,
            columns: inputs,
        });
    }
}

/// y(sample, output) = bias(output) + Σ over inputs of weight(output, input) · x(sample, input): lanes run along the inputs and
/// are added up at the end.
struct Forward<'a, E> {
    geometry: DenseGeometry,
    weight: &'a [E],
    bias: &'a [E],
    x: &'a [E],
    y: &'a mut [E],
}

impl<E: Element> Kernel<E> for Forward<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        let DenseGeometry { outputs, samples, .. } = self.geometry;
        let mut output = 0;
        while output < outputs {
            if output + F <= outputs {
                self.outputs::<V, F, B>(output, samples);
                output += F;
            } else if output + 2 <= outputs {
                self.outputs::<V, 2, B>(output, samples);
                output += 2;
            } else {
                self.outputs::<V, 1, B>(output, samples);
                output += 1;
            }
        }
    }
}

impl<E: Element> Forward<'_, E> {
    /// `F` outputs of all samples.
    #[inline(always)]
    fn outputs<V: Lanes<E>, const F: usize, const B: usize>(&mut self, output: usize, samples: usize) {
        let mut sample = 0;
        while sample < samples {
            if sample + B <= samples {
                self.block::<V, F, B>(output, sample);
                sample += B;
            } else {
                self.block::<V, F, 1>(output, sample);
                sample += 1;
            }
        }
    }

    #[inline(always)]
    fn block<V: Lanes<E>, const F: usize, const B: usize>(&mut self, output: usize, sample: usize) {
        let DenseGeometry { inputs, outputs, .. } = self.geometry;
        let mut lanes = [[E::zero(); WIDEST]; 2 * WIDEST];
        self.lanes::<V, F, B>(&self.weight[output * inputs..], &self.x[sample * inputs..], &mut lanes);
        let mut sums = [E::zero(); 2 * WIDEST];
        for first in (0..F * B).step_by(V::COUNT) {
            let mut registers = [V::splat(E::zero()); WIDEST];
            for index in 0..V::COUNT {
                registers[index] = V::load(&lanes[first + index], 0);
            }
            sum_lanes(registers).store_first(&mut sums[first..]);
        }
        for (output, sums) in (output..).zip(sums.chunks_exact(B).take(F)) {
            let bias = self.bias.get(output).copied().unwrap_or_default();
            for (sample, &sum) in (sample..).zip(sums) {
                self.y[sample * outputs + output] = bias + sum;
            }
        }
    }

    /// The lanes whose sums are those of `F` outputs for `B` samples.
    #[inline(always)]
    fn lanes<V: Lanes<E>, const F: usize, const B: usize>(
        &self,
        weight: &[E],
        x: &[E],
        lanes: &mut [[E; WIDEST]; 2 * WIDEST],
    ) {
        let inputs = self.geometry.inputs;
        let whole = inputs / V::COUNT * V::COUNT;
        let mut sums = [[V::splat(E::zero()); B]; F];
        let mut samples = [V::splat(E::zero()); B];
        for input in (0..whole).step_by(V::COUNT) {
            for index in 0..B {
                samples[index] = V::load(x, index * inputs + input);
            }
            for output in 0..F {
                let weight = V::load(weight, output * inputs + input);
                for index in 0..B {
                    sums[output][index] = sums[output][index].multiply_add(samples[index], weight);
                }
            }
        }
        if whole < inputs {
            for index in 0..B {
                samples[index] = V::load_first(&x[index * inputs..][whole..inputs]);
            }
            for output in 0..F {
                let weight = V::load_first(&weight[output * inputs..][whole..inputs]);
                for index in 0..B {
                    sums[output][index] = sums[output][index].multiply_add(samples[index], weight);
                }
            }
        }
        for output in 0..F {
            for index in 0..B {
                sums[output][index].store_first(&mut lanes[output * B + index]);
            }
        }
    }
}

/// A matrix read at any strides.
#[derive(Clone, Copy)]
struct Strided<'a, E> {
    values: &'a [E],
    row: usize,
    step: usize,
}

/// to(row, column) = Σ over steps of coefficient(row, step) · from(step, column), added to what is there or not: lanes run along
/// the columns.
struct Combine<'a, E> {
    coefficients: Strided<'a, E>,
    rows: usize,
    steps: usize,
    columns: usize,
    from: &'a [E],
    to: &'a mut [E],
    adds: bool,
}

impl<E: Element> Kernel<E> for Combine<'_, E> {
    #[inline(always)]
    fn run<V: Lanes<E>, const F: usize, const B: usize>(mut self) {
        let mut row = 0;
        while row < self.rows {
            if row + F <= self.rows {
                self.rows::<V, F, B>(row);
                row += F;
            } else if row + 2 <= self.rows {
                self.rows::<V, 2, B>(row);
                row += 2;
            } else {
                self.rows::<V, 1, B>(row);
                row += 1;
            }
        }
    }
}

impl<E: Element> Combine<'_, E> {
    /// `F` rows, all columns.
    #[inline(always)]
    fn rows<V: Lanes<E>, const F: usize, const B: usize>(&mut self, row: usize) {
        let mut column = 0;
        while column < self.columns {
            let left = self.columns - column;
            if left >= B * V::COUNT {
                self.block::<V, F, B>(row, column, B * V::COUNT);
                column += B * V::COUNT;
            } else {
                let count = left.min(V::COUNT);
                self.block::<V, F, 1>(row, column, count);
                column += count;
            }
        }
    }

    /// `F` rows of `count` columns, at most `B` registers of them.
    #[inline(always)]
    fn block<V: Lanes<E>, const F: usize, const B: usize>(&mut self, row: usize, column: usize, count: usize) {
        let Strided { values, row: row_stride, step: step_stride } = self.coefficients;
        let mut sums = [[V::splat(E::zero()); B]; F];
        if self.adds {
            for index in 0..F {
                let to = &self.to[(row + index) * self.columns + column..][..count];
                for register in 0..B {
                    sums[index][register] = V::load_first(&to[register * V::COUNT..]);
                }
            }
        }
        for step in 0..self.steps {
            let from = &self.from[step * self.columns + column..][..count];
            let mut registers = [V::splat(E::zero()); B];
            for register in 0..B {
                registers[register] = V::load_first(&from[register * V::COUNT..]);
            }
            for index in 0..F {
                let coefficient = V::splat(values[(row + index) * row_stride + step * step_stride]);
                for register in 0..B {
                    sums[index][register] = sums[index][register].multiply_add(registers[register], coefficient);
                }
            }
        }
        for index in 0..F {
            let to = &mut self.to[(row + index) * self.columns + column..][..count];
            for register in 0..B {
                sums[index][register].store_first(&mut to[register * V::COUNT..]);
            }
        }
    }
}
