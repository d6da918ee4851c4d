//! Elementwise functions that need no buffer of their own.

use crate::element::Element;
use crate::kernels::elementwise;
use crate::kernels::simd::Level;
use crate::layers;

/// An elementwise function whose derivative can be told from its output.
///
/// Such a function is applied in place: in the epilogue of the layer before it, or right behind that layer while the
/// values are in cache. The layers say what each computes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    /// See [`Identity`](layers::Identity).
    #[default]
    Identity,
    /// See [`Relu`](layers::Relu).
    Relu,
    /// See [`Relu6`](layers::Relu6).
    Relu6,
    /// See [`LeakyRelu`](layers::LeakyRelu).
    LeakyRelu(layers::LeakyRelu),
    /// See [`Elu`](layers::Elu).
    Elu(layers::Elu),
    /// See [`Selu`](layers::Selu).
    Selu,
    /// See [`Sigmoid`](layers::Sigmoid).
    Sigmoid,
    /// See [`Tanh`](layers::Tanh).
    Tanh,
    /// See [`Softplus`](layers::Softplus).
    Softplus,
}

/// Binds `$function` to the function that an activation stands for, and does nothing for the identity.
macro_rules! with_function {
    ($activation:expr, $function:ident => $call:expr) => {
        match $activation {
            Activation::Identity => {}
            Activation::Relu => with_function!(@ $function = layers::Relu, $call),
            Activation::Relu6 => with_function!(@ $function = layers::Relu6, $call),
            Activation::LeakyRelu(leaky_relu) => with_function!(@ $function = leaky_relu, $call),
            Activation::Elu(elu) => with_function!(@ $function = elu, $call),
            Activation::Selu => with_function!(@ $function = layers::Selu, $call),
            Activation::Sigmoid => with_function!(@ $function = layers::Sigmoid, $call),
            Activation::Tanh => with_function!(@ $function = layers::Tanh, $call),
            Activation::Softplus => with_function!(@ $function = layers::Softplus, $call),
        }
    };
    (@ $function:ident = $value:expr, $call:expr) => {{
        let $function = $value;
        $call
    }};
}

/// What an activation does to numbers of a type: compiled here, once, and not again in every crate
/// that has a network.
pub trait Functions: Sized {
    /// Replaces each x by y.
    fn apply(activation: Activation, level: Level, values: &mut [Self]);

    /// Replaces each dy by dx.
    fn backward(activation: Activation, level: Level, y: &[Self], dy: &mut [Self]);
}

macro_rules! functions {
    ($($element:ty)*) => { $(
        impl Functions for $element {
            fn apply(activation: Activation, level: Level, values: &mut [Self]) {
                with_function!(activation, function => elementwise::apply(level, function, values));
            }

            fn backward(activation: Activation, level: Level, y: &[Self], dy: &mut [Self]) {
                with_function!(activation, function => elementwise::apply_gradient(level, function, y, dy));
            }
        }
    )* };
}

functions!(f32 f64);

impl Activation {
    /// Replaces each x by y.
    pub fn apply<E: Element>(self, values: &mut [E]) {
        self.apply_at(Level::best(), values);
    }

    /// Replaces each dy by dx = dy · f′, where f′ is told from y.
    pub fn backward<E: Element>(self, y: &[E], dy: &mut [E]) {
        self.backward_at(Level::best(), y, dy);
    }

    /// [`apply`](Self::apply) at a level of the processor.
    pub fn apply_at<E: Element>(self, level: Level, values: &mut [E]) {
        <E as Functions>::apply(self, level, values);
    }

    /// [`backward`](Self::backward) at a level of the processor.
    pub fn backward_at<E: Element>(self, level: Level, y: &[E], dy: &mut [E]) {
        <E as Functions>::backward(self, level, y, dy);
    }

    /// Applies to what a kernel has just written all that kernels do not fuse: everything but the identity and relu.
    pub(crate) fn finish<E: Element>(self, level: Level, values: &mut [E]) {
        if self != Self::Relu {
            self.apply_at(level, values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Activation;

    #[test]
    fn relu_keeps_nan_and_cuts_zero() {
        let mut values = [-1.0, -0.0, 0.0, 2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        Activation::Relu.apply(&mut values);
        assert_eq!(values[..6], [0.0, 0.0, 0.0, 2.0, f64::INFINITY, 0.0]);
        assert!(values[6].is_nan());
        let mut gradient = [1.0; 7];
        Activation::Relu.backward(&values, &mut gradient);
        assert_eq!(gradient, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    }
}
