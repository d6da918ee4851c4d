//! A layer of your own, written outside the crate and used like any other.
//!
//! ```text
//! cargo run --release --example custom_layer
//! ```
//!
//! `Scale` multiplies each channel by a factor that is learned. The program puts it on the left and on the right of
//! `>>` and into `net!` by its path, then checks its gradient against central differences.

use shapewright::layer::{Backward, Forward, Layer};
use shapewright::prelude::*;
use shapewright::{Element, Error, Init, Parameter, Shape};

/// y(c, i, j) = factor(c) · x(c, i, j)
#[derive(Clone, Copy, Default)]
struct Scale;

impl<const C: usize, const H: usize, const W: usize> Layer<Image<C, H, W>> for Scale
where
    Image<C, H, W>: Shape,
{
    type Output = Image<C, H, W>;

    const PARAMS: usize = C;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let channels = pass.x.chunks_exact(H * W).zip(pass.y.chunks_exact_mut(H * W));
        for ((x, y), &factor) in channels.zip(pass.parameters.iter().cycle()) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = factor * x;
            }
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let channels = || pass.x.chunks_exact(H * W).zip(pass.dy.chunks_exact(H * W));
        for (index, (x, dy)) in channels().enumerate() {
            pass.gradients[index % C] += x.iter().zip(dy).map(|(&x, &dy)| x * dy).sum();
        }
        let Some(dx) = pass.dx else { return };
        for ((dx, (_, dy)), &factor) in dx.chunks_exact_mut(H * W).zip(channels()).zip(pass.parameters.iter().cycle()) {
            for (dx, &dy) in dx.iter_mut().zip(dy) {
                *dx = factor * dy;
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        vec![Parameter { name: "factor", dims: vec![C], init: Init::Ones }]
    }
}

joins!(Scale); // lets `Scale` stand on the left of `>>`

net! {
    /// A small network with two of them.
    pub Scaled: Image<3, 8, 8> => Vector<4> =
        Scale >> conv(3=>5, k3) >> relu >> second: Scale >> pool2 >> flatten >> dense(4)
}

fn main() -> Result<(), Error> {
    use shapewright::dsl::{conv, relu};
    let piece = Scale >> conv!(3=>2, k3) >> Scale >> relu;
    let small = Model::new(piece.on::<Image<3, 5, 5>>(), 1);
    println!("{}", small.summary());

    let mut model = Model::new(Scaled, 7).cast::<f64>();
    println!("{}", model.summary());

    let x = Batch::from_fn(3, |sample, index| ((sample * 31 + index * 17) % 23) as f64 / 23.0 - 0.5);
    let labels = Labels::new(&[0, 3, 1])?;
    let (_, gradients) = model.gradients(&x, &labels, &CrossEntropy)?;
    let analytic = gradients.param("second.factor")?.values.to_vec();
    println!("d loss / d second.factor");
    for (index, analytic) in analytic.into_iter().enumerate() {
        let numeric = slope(&mut model, index, &x, &labels)?;
        println!("  channel {index}: {analytic:>11.8} by backward, {numeric:>11.8} by central differences");
        assert!((analytic - numeric).abs() < 1e-8);
    }
    Ok(())
}

/// The change of the loss with one factor of the second `Scale`: (L(f + h) − L(f − h)) / 2h.
fn slope(
    model: &mut Model<Scaled, f64>,
    index: usize,
    x: &Batch<Image<3, 8, 8>, f64>,
    labels: &Labels<4>,
) -> Result<f64, Error> {
    const STEP: f64 = 1e-5;
    let mut loss_at = |offset: f64| -> Result<f64, Error> {
        model.param_mut("second.factor")?.values[index] += offset;
        let (loss, _) = model.gradients(x, labels, &CrossEntropy)?;
        model.param_mut("second.factor")?.values[index] -= offset;
        Ok(loss)
    };
    Ok((loss_at(STEP)? - loss_at(-STEP)?) / (2.0 * STEP))
}
