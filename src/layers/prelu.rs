//! The rectifier that learns its slope.

use crate::element::Element;
use crate::init::Init;
use crate::kernels::prelu::{prelu, prelu_backward_weight};
use crate::kernels::simd::Level;
use crate::layer::{Backward, Forward, Layer};
use crate::shape::{Channelled, Shape};
use crate::slots::{Slot, Slots};

/// y = x where x > 0, weight · x elsewhere, with one weight for all channels that starts at 0.25 (He and others, 2015,
/// <https://arxiv.org/abs/1502.01852>). PyTorch's `nn.PReLU()`.
///
/// # Shapes
///
/// S → S. Parameters: `weight` (1).
///
/// # Examples
///
/// ```
/// use shapewright::dsl::prelu;
/// use shapewright::prelude::*;
///
/// let model = Model::new(prelu.on::<Vector<3>>(), 0);
/// let y = model.forward(&Batch::from([[-1.0, 0.0, 2.0]]));
/// assert_eq!(y.sample(0), [-0.25, 0.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Prelu;

impl<S: Shape> Layer<S> for Prelu {
    type Output = S;

    const PARAMS: usize = 1;
    const SLOTS: Slots = slots(1);

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        prelu(Level::best(), pass.x.len(), pass.parameters, [pass.x; 2], pass.y);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        backward(pass.x.len(), pass);
    }
}

/// [`Prelu`] with a weight for each channel. PyTorch's `nn.PReLU(channels)`.
///
/// # Shapes
///
/// S → S. Parameters: `weight` (C), C being the channels of S: each value is one where S has features.
///
/// # Examples
///
/// ```
/// use shapewright::PreluChannels;
/// use shapewright::prelude::*;
///
/// let mut model = Model::new(net!(Image<2, 1, 2> => {PreluChannels}), 0);
/// model.param_mut("0.weight")?.values.copy_from_slice(&[0.5, 2.0]);
/// let y = model.forward(&Batch::from([[[[-1.0, 1.0]], [[-1.0, 1.0]]]]));
/// assert_eq!(y.sample(0), [-0.5, 1.0, -2.0, 1.0]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PreluChannels;

impl<S: Channelled> Layer<S> for PreluChannels {
    type Output = S;

    const PARAMS: usize = S::CHANNELS;
    const SLOTS: Slots = slots(S::CHANNELS);

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        prelu(Level::best(), S::POSITIONS, pass.parameters, [pass.x; 2], pass.y);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        backward(S::POSITIONS, pass);
    }
}

fn backward<E: Element>(positions: usize, pass: Backward<'_, E>) {
    prelu_backward_weight(Level::best(), positions, pass.x, pass.dy, pass.gradients);
    if let Some(dx) = pass.dx {
        prelu(Level::best(), positions, pass.parameters, [pass.x, pass.dy], dx);
    }
}

const fn slots(count: usize) -> Slots {
    Slots::of([Slot::new("weight", &[count], Init::Constant(0.25))], [])
}
