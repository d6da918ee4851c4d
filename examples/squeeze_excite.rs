//! Squeeze and excitation, a block of your own with parameters in it, used by its path in `net!`.
//!
//! ```text
//! cargo run --release --example squeeze_excite
//! ```
//!
//! The block multiplies each channel by a number from 0 to 1 that it calculates from all of them, so that a network can
//! attend to some of what it sees ([Hu et al., 2018](https://arxiv.org/abs/1709.01507)). The program checks every gradient of
//! the block against central differences, then trains a network with two of them on the handwritten digits.

use shapewright::data::digits;
use shapewright::layer::{Backward, Forward, Layer, Space};
use shapewright::prelude::*;
use shapewright::train::{Epoch, accuracy};
use shapewright::{Element, Error, Init, Loss, Network, OutputOf, Parameter, Shape};

/// y(c, i, j) = s(c) · x(c, i, j), where
///
/// - squeeze: z(c) is the mean of channel c,
/// - excitation: s = σ(W₂ · h + b₂) with `R` hidden units h = relu(W₁ · z + b₁).
///
/// Parameters: `reduce` (R, C) and `reduce_bias` (R), `expand` (C, R) and `expand_bias` (C).
#[derive(Clone, Copy, Default)]
struct SqueezeExcite<const R: usize>;

impl<const C: usize, const H: usize, const W: usize, const R: usize> Layer<Image<C, H, W>> for SqueezeExcite<R>
where
    Image<C, H, W>: Shape,
{
    type Output = Image<C, H, W>;

    const PARAMS: usize = 2 * R * C + R + C;
    /// z, h and s, which the backward pass reads again.
    const SAVED: usize = C + R + C;
    /// The same where no backward pass follows; in a backward pass, their gradients.
    const SCRATCH: Space = Space::NONE.and_per_sample(C + R + C);
    const MACS: usize = 2 * R * C;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let [reduce, reduce_bias, expand, expand_bias] = cut(pass.parameters, [R * C, R, C * R, C]);
        let kept = if pass.keep { pass.saved } else { pass.scratch };
        let samples = pass.x.chunks_exact(C * H * W).zip(pass.y.chunks_exact_mut(C * H * W));
        for ((x, y), kept) in samples.zip(kept.chunks_exact_mut(C + R + C)) {
            let [z, h, s] = cut_mut(kept, [C, R, C]);
            for (z, x) in z.iter_mut().zip(x.chunks_exact(H * W)) {
                *z = x.iter().copied().sum::<E>() / E::from_f64((H * W) as f64);
            }
            dense(reduce, reduce_bias, z, h);
            for h in &mut *h {
                *h = h.max(E::zero());
            }
            dense(expand, expand_bias, h, s);
            for s in &mut *s {
                *s = E::one() / (E::one() + (-*s).exp());
            }
            for ((y, x), &s) in y.chunks_exact_mut(H * W).zip(x.chunks_exact(H * W)).zip(&*s) {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = s * x);
            }
        }
    }

    fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let [reduce, _, expand, _] = cut(pass.parameters, [R * C, R, C * R, C]);
        let [d_reduce, d_reduce_bias, d_expand, d_expand_bias] = cut_mut(pass.gradients, [R * C, R, C * R, C]);
        let [dz, dh, ds] = cut_mut(pass.scratch, [C, R, C]);
        let samples = pass.x.chunks_exact(C * H * W).zip(pass.dy.chunks_exact(C * H * W));
        for (index, ((x, dy), kept)) in samples.zip(pass.saved.chunks_exact(C + R + C)).enumerate() {
            let [z, h, s] = cut(kept, [C, R, C]);
            for (((ds, &s), x), dy) in ds.iter_mut().zip(s).zip(x.chunks_exact(H * W)).zip(dy.chunks_exact(H * W)) {
                let scale_gradient: E = x.iter().zip(dy).map(|(&x, &dy)| x * dy).sum();
                *ds = scale_gradient * s * (E::one() - s); // before the sigmoid
            }
            dense_backward(expand, h, ds, dh, [d_expand, d_expand_bias]);
            for (dh, _) in dh.iter_mut().zip(h).filter(|(_, h)| **h <= E::zero()) {
                *dh = E::zero(); // before the relu
            }
            dense_backward(reduce, z, dh, dz, [d_reduce, d_reduce_bias]);
            let Some(dx) = pass.dx.as_deref_mut() else { continue };
            let dx = dx[index * C * H * W..].chunks_exact_mut(H * W);
            for (((dx, dy), &s), &dz) in dx.zip(dy.chunks_exact(H * W)).zip(s).zip(&*dz) {
                let share = dz / E::from_f64((H * W) as f64);
                dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = s * dy + share);
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |name, dims, init| Parameter { name, dims, init };
        vec![
            parameter("reduce", vec![R, C], Init::HeNormal),
            parameter("reduce_bias", vec![R], Init::Zeros),
            parameter("expand", vec![C, R], Init::GlorotUniform),
            parameter("expand_bias", vec![C], Init::Zeros),
        ]
    }
}

joins!([const R: usize] SqueezeExcite<R>); // lets it stand on the left of `>>`, too

net! {
    /// Two convolutions, each with the block behind it.
    pub Attentive: Image<1, 8, 8> => Vector<10> =
        conv(16, k3, pad1) >> relu >> SqueezeExcite<4> >> pool2
        >> conv(32, k3, pad1) >> relu >> excite: SqueezeExcite<8> >> pool2
        >> flatten >> dense(10)
}

// A block is known to the compiler as any layer is: its parameters count.
const _: () = assert!(Attentive::PARAMS == 160 + (2 * 4 * 16 + 20) + 4_640 + (2 * 8 * 32 + 40) + 1_290);

fn main() -> Result<(), Error> {
    println!("{}", Model::new(Attentive, 1).summary());
    println!("largest difference from central differences: {:.1e}\n", worst_gradient()?);

    let (train, test) = digits();
    let mut model = Model::new(Attentive, 1);
    let trainer = Trainer::new(Adam::new(0.003)).epochs(8).batch_size(32).seed(1);
    trainer.callback(|epoch: &Epoch| println!("{epoch}")).fit(&mut model, &train, &test)?;
    assert!(accuracy(&model, &test) > 0.9);
    Ok(())
}

/// The values one after the other in parts of these lengths.
fn cut<E, const N: usize>(mut values: &[E], lengths: [usize; N]) -> [&[E]; N] {
    lengths.map(|length| {
        let (part, rest) = values.split_at(length);
        values = rest;
        part
    })
}

/// The same, to write to.
fn cut_mut<E, const N: usize>(mut values: &mut [E], lengths: [usize; N]) -> [&mut [E]; N] {
    lengths.map(|length| {
        let (part, rest) = std::mem::take(&mut values).split_at_mut(length);
        values = rest;
        part
    })
}

/// y = weight · x + bias
fn dense<E: Element>(weight: &[E], bias: &[E], x: &[E], y: &mut [E]) {
    for ((y, row), &bias) in y.iter_mut().zip(weight.chunks_exact(x.len())).zip(bias) {
        *y = bias + row.iter().zip(x).map(|(&weight, &x)| weight * x).sum();
    }
}

/// `d_weight` += dy · xᵀ, `d_bias` += dy, dx = weightᵀ · dy
fn dense_backward<E: Element>(weight: &[E], x: &[E], dy: &[E], dx: &mut [E], [d_weight, d_bias]: [&mut [E]; 2]) {
    dx.fill(E::zero());
    let rows = weight.chunks_exact(x.len()).zip(d_weight.chunks_exact_mut(x.len()));
    for ((&dy, d_bias), (row, d_row)) in dy.iter().zip(d_bias).zip(rows) {
        *d_bias += dy;
        d_row.iter_mut().zip(x).for_each(|(d_weight, &x)| *d_weight += dy * x);
        dx.iter_mut().zip(row).for_each(|(dx, &weight)| *dx += weight * dy);
    }
}

/// The largest difference between the gradients of the block, by its parameters and by its input, and central differences.
fn worst_gradient() -> Result<f64, Error> {
    let mut model = Model::new(net!(Image<6, 3, 4> => {SqueezeExcite::<3>} >> flatten >> dense(4)), 3).cast();
    let mut x = Batch::from_fn(3, |sample, index| ((sample * 31 + index * 17) % 23) as f64 / 23.0 - 0.4);
    let (_, gradients) = model.gradients_with_input(&x, &Labels::new(&[0, 3, 1])?, &CrossEntropy)?;
    let mut worst: f64 = 0.0;
    for (index, analytic) in gradients.as_slice().iter().enumerate() {
        let numeric = slope(&mut model, &mut x, |model, _, by| model.parameters_mut()[index] += by)?;
        worst = worst.max((analytic - numeric).abs());
    }
    for (index, analytic) in gradients.input().iter().flat_map(|dx| dx.as_slice()).enumerate() {
        let numeric = slope(&mut model, &mut x, |_, x, by| x.as_mut_slice()[index] += by)?;
        worst = worst.max((analytic - numeric).abs());
    }
    assert!(worst < 1e-8, "{worst:e}");
    Ok(worst)
}

/// The change of the loss with what `nudge` changes: (L(v + h) − L(v − h)) / 2h.
fn slope<N: Network>(
    model: &mut Model<N, f64>,
    x: &mut Batch<N::Input, f64>,
    nudge: impl Fn(&mut Model<N, f64>, &mut Batch<N::Input, f64>, f64),
) -> Result<f64, Error>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<4>>,
{
    const STEP: f64 = 1e-5;
    let labels = Labels::new(&[0, 3, 1])?;
    let mut loss_at = |offset: f64| {
        nudge(model, x, offset);
        let loss = model.gradients(x, &labels, &CrossEntropy).map(|(loss, _)| loss);
        nudge(model, x, -offset);
        loss
    };
    Ok((loss_at(STEP)? - loss_at(-STEP)?) / (2.0 * STEP))
}
