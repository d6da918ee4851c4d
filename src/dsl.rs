//! The language of [`net!`](crate::net) as plain expressions: `conv!(3=>32, k5, pad2) >> relu >> pool2`.
//!
//! Each layer with arguments is a macro, each without a constant, and `>>` joins them to a value of an ordinary type
//! that fits every shape in which its layers fit; [`Fix::on`](crate::Fix::on) fixes the shape.
//!
//! Import this module inside the function that needs it. Its constants are named as the layers are, and where a constant
//! `relu` is in scope, `let relu = …` is a pattern that compares with it.
//!
//! # Examples
//!
//! ```
//! use shapewright::prelude::*;
//!
//! fn stem() -> impl shapewright::Layer<Image<3, 32, 32>, Output = Image<32, 16, 16>> {
//!     use shapewright::dsl::*;
//!     conv!(3=>32, k5, pad2) >> relu >> pool2
//! }
//!
//! // What a function returns as `impl Layer` goes on in braces: `>>` needs a type with a name on its left.
//! let model = Model::new(net!(Image<3, 32, 32> => {stem()} >> flatten >> dense(10)), 1);
//! # assert_eq!(model.parameters().len(), 2_432 + 81_930);
//! ```
#![allow(non_upper_case_globals)] // the constants are words of the language

use crate::layers::{
    AdaptiveAvgPool, AvgPool2d, BatchNorm, Chain, Concat, Conv2d, Dense, Flatten, GlobalAvgPool, GlobalMaxPool,
    GroupNorm, Identity, InstanceNorm, Labeled, LayerNorm, Lrn, MaxPool2d, Relu, Repeat, Residual, RmsNorm, Seq,
    Subsample, Sum, Upsample, ZeroPad,
};
use crate::network::On;
use crate::shape::window::{Kernel, Stride};

/// y = max(x, 0): see [`Relu`].
pub const relu: Relu = Relu;

/// The largest value of each 2×2 window, moving by 2: see [`MaxPool2d`].
pub const pool2: MaxPool2d<Kernel<2, 2>, Stride<2, 2>> = MaxPool2d::new();

/// y = x: see [`Identity`].
pub const identity: Identity = Identity;

/// The mean of each channel: see [`GlobalAvgPool`].
pub const global_avgpool: GlobalAvgPool = GlobalAvgPool;

/// The largest value of each channel: see [`GlobalMaxPool`].
pub const global_maxpool: GlobalMaxPool = GlobalMaxPool;

/// Each channel with mean 0 and variance 1, then scaled and shifted: see [`BatchNorm`].
pub const batchnorm: BatchNorm = BatchNorm::new();

/// Each sample with mean 0 and variance 1, then scaled and shifted: see [`LayerNorm`].
pub const layernorm: LayerNorm = LayerNorm::new();

/// Each channel of each sample with mean 0 and variance 1: see [`InstanceNorm`].
pub const instancenorm: InstanceNorm = InstanceNorm::new();

/// Each sample with mean square 1, then scaled: see [`RmsNorm`].
pub const rmsnorm: RmsNorm = RmsNorm::new();

/// Feature maps to features: see [`Flatten`].
pub const flatten: Flatten = Flatten;

#[doc(inline)]
pub use crate::{__conv as conv, __dense as dense, __maxpool as maxpool, __repeat as repeat};

/// A convolution: `conv!(3=>32, k5, pad2)` or, taking the channels that arrive, `conv!(32, k5)`. See
/// [`Conv2d`](crate::Conv2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __conv {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} conv $($arguments)* } };
}

/// A fully connected layer: `dense!(10)` or, stating the features that arrive, `dense!(400=>10)`. See
/// [`Dense`](crate::Dense).
#[doc(hidden)]
#[macro_export]
macro_rules! __dense {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} dense $($arguments)* } };
}

/// A max pool: `maxpool!(k3, s2, pad1)`. See [`MaxPool2d`](crate::MaxPool2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __maxpool {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} maxpool $($arguments)* } };
}

/// Copies of a chain: `repeat!(3, conv(8=>8, k3, pad1) >> relu)`. See [`Repeat`](crate::Repeat).
#[doc(hidden)]
#[macro_export]
macro_rules! __repeat {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} repeat $($arguments)* } };
}

/// Lets layers of your own stand on the left of `>>`: `joins!(Mine);`, or `joins!([const N: usize] Mine<N>);` for a
/// generic one. (On the right every layer may stand as it is.)
///
/// # Examples
///
/// See `examples/custom_layer.rs`.
#[macro_export]
macro_rules! joins {
    ([$($parameters:tt)*] $layer:ty) => {
        impl<Right, $($parameters)*> ::core::ops::Shr<Right> for $layer {
            type Output = $crate::Seq<$layer, Right>;

            fn shr(self, right: Right) -> Self::Output {
                $crate::Seq(self, right)
            }
        }
    };
    ($layer:ty) => { $crate::joins! { [] $layer } };
}

joins!(BatchNorm);
joins!(LayerNorm);
joins!([const G: usize] GroupNorm<G>);
joins!(InstanceNorm);
joins!(RmsNorm);
joins!(Lrn);
joins!(Relu);
joins!(Identity);
joins!(Flatten);
joins!([I, const O: usize, K, S, P, D, G, B] Conv2d<I, O, K, S, P, D, G, B>);
joins!([K, S, P, D, R] MaxPool2d<K, S, P, D, R>);
joins!([K, S, P, R, C] AvgPool2d<K, S, P, R, C>);
joins!(GlobalAvgPool);
joins!(GlobalMaxPool);
joins!([const H: usize, const W: usize] AdaptiveAvgPool<H, W>);
joins!([S, F] Subsample<S, F>);
joins!([const T: usize, const B: usize, const L: usize, const R: usize] ZeroPad<T, B, L, R>);
joins!([const N: usize] Upsample<N>);
joins!([I, const O: usize, B] Dense<I, O, B>);
joins!([const N: usize, L] Repeat<N, L>);
joins!([A, B] Seq<A, B>);
joins!([B, S] Residual<B, S>);
joins!([A, B] Sum<A, B>);
joins!([A, B] Concat<A, B>);
joins!([L] Labeled<L>);
joins!([L] Chain<L>);
joins!([I, O, L] On<I, O, L>);
