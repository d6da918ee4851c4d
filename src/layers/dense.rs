//! The fully connected layer.

use core::marker::PhantomData;

use crate::element::Element;
use crate::kernels::dense::{DenseGeometry, dense, dense_backward};
use crate::kernels::simd::{Level, Processor};
use crate::layer::{Backward, Fold, Folding, Forward, Layer};
use crate::layers::terms::{Bias, BiasTerm, TakesFeatures};
use crate::shape::rules::Features;
use crate::shape::{Known, Vector};
use crate::slots::Slots;
use crate::tile::MANY_WEIGHTS;

/// `O` weighted sums of all features: y = W·x + b.
///
/// # Shapes
///
/// Features of length I (`Vector<I>`, `Flat<S>`) → `Vector<O>`.
/// Parameters: `weight` (O, I) and `bias` (O).
///
/// PyTorch: `nn.Linear(I, O, bias)`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Vector<2> => dense(2=>1)), 0);
/// model.param_mut("0.weight")?.values.copy_from_slice(&[2.0, -1.0]);
/// model.param_mut("0.bias")?.values.copy_from_slice(&[0.5]);
/// assert_eq!(model.forward(&Batch::from([[3.0, 1.0]])).sample(0), [5.5]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Dense<I, const O: usize, B = Bias>(PhantomData<(I, B)>);

impl<F: Features, I, const O: usize, B> Layer<F> for Dense<I, O, B>
where
    Self: Clone + Send + Sync,
    Vector<O>: Known,
    I: TakesFeatures<F>,
    B: BiasTerm,
{
    type Output = I::Then<<Vector<O> as Known>::Shape>;

    const PARAMS: usize = Self::MACS + B::TERMS * O;
    const SLOTS: Slots = Slots::weight_and_bias(&[O, F::LEN], B::TERMS * O);
    const MACS: usize = O * F::LEN;
    const GATHERS: bool = O * F::LEN > MANY_WEIGHTS;
    const TAIL: bool = true;
    const FOLD: Fold = Fold::weights(B::TERMS);

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let (weight, bias) = pass.weight_and_bias(O * F::LEN);
        let geometry = DenseGeometry { inputs: F::LEN, outputs: O, samples: pass.samples };
        dense(Processor::best(pass.run.threads), geometry, weight, bias, pass.x, pass.y, pass.epilogue);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let (weight, _) = pass.parameters.split_at(O * F::LEN);
        let (d_weight, d_bias) = pass.gradients.split_at_mut(O * F::LEN);
        let geometry = DenseGeometry { inputs: F::LEN, outputs: O, samples: pass.samples };
        dense_backward(Level::best(), geometry, weight, pass.x, pass.dy, pass.dx, d_weight, d_bias);
    }

    fn fold<E: Element>(&self, folding: Folding<'_, E>) {
        folding.take_rows(O * F::LEN);
    }
}
