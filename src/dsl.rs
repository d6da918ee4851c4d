//! The language of [`net!`](crate::net) as plain expressions: `conv!(3=>32, k5, pad2) >> relu >> pool2`.
//!
//! Each layer with arguments is a macro, each without a constant, and `>>` joins them to a value of an ordinary type
//! that fits every shape in which its layers fit; [`Fix::on`](crate::Fix::on) fixes the shape. Inside the macros of groups
//! the language is that of `net!`. Two of these have names of their own, [`branches!`] for `concat` and [`total!`] for `sum`,
//! and convolutions and pools over sequences may be written [`conv1d!`] and [`pool1d!`].
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
//! fn block() -> impl shapewright::Layer<Image<32, 16, 16>, Output = Image<64, 8, 8>> {
//!     use shapewright::dsl::*;
//!     residual!(conv(64, k3, s2, pad1) >> relu >> conv(64, k3, pad1) | conv(64, k1, s2)) >> relu
//! }
//!
//! // What a function returns as `impl Layer` goes on in braces: `>>` needs a type with a name on its left.
//! let model = Model::new(net!(Image<3, 32, 32> => {stem()} >> {block()} >> flatten >> dense(10)), 1);
//! # assert_eq!(model.parameters().len(), 2_432 + 18_496 + 36_928 + 2_112 + 40_970);
//! ```
//!
//! A const parameter may stand for channels and features, where the function says that the shapes with it are shapes: what arrives, what
//! comes out and what is between. That groups divide it is said as well.
//!
//! ```
//! use shapewright::dsl::*;
//! use shapewright::prelude::*;
//! use shapewright::shape::Grouped;
//! use shapewright::{Layer, Shape};
//!
//! fn basic<const N: usize>() -> impl Layer<Image<N, 16, 16>, Output = Image<N, 16, 16>>
//! where
//!     Image<N, 16, 16>: Shape,
//! {
//!     residual!(conv(N, k3, pad1) >> batchnorm >> relu >> conv(N, k3, pad1)) >> relu
//! }
//!
//! fn grouped<const N: usize>() -> impl Layer<Image<N, 16, 16>, Output = Image<N, 8, 8>>
//! where
//!     Image<N, 16, 16>: Grouped<4>,
//!     Image<N, 8, 8>: Shape,
//! {
//!     depthwise!(k3, pad1) >> groupnorm!(4) >> layernorm >> prelu!(channels) >> channel_dropout!(0.1) >> pool2
//! }
//!
//! fn head<const N: usize>() -> impl Layer<Image<N, 8, 8>, Output = Vector<N>>
//! where
//!     Image<N, 8, 8>: Shape,
//!     Image<N, 1, 1>: Shape,
//!     Vector<N>: Shape,
//! {
//!     separable!(N, k3, pad1) >> instancenorm >> global_avgpool >> flatten >> dense!(N)
//! }
//!
//! let net = conv!(3=>32, k3, pad1) >> basic::<32>() >> grouped::<32>() >> head::<32>() >> dense!(10);
//! let model = Model::new(net.on::<Image<3, 16, 16>>(), 1);
//! assert_eq!(model.forward(&Batch::zeros(2)).len(), 2);
//! ```
#![allow(non_upper_case_globals)] // the constants are words of the language

mod pieces;

use crate::layers::{
    AdaptiveAvgPool, AvgPool2d, BatchNorm, Chain, ChannelDropout, Concat, Conv2d, ConvTranspose2d, Dense,
    DepthwiseConv2d, DropPath, Dropout, Elu, Flatten, Gelu, GeluTanh, GlobalAvgPool, GlobalMaxPool, GroupNorm,
    HardSwish, Identity, InstanceNorm, Labeled, LayerNorm, LeakyRelu, LogSoftmax, Lrn, MaxPool2d, Mish, Prelu,
    PreluChannels, Relu, Relu6, Repeat, Residual, RmsNorm, Selu, Seq, Sigmoid, Silu, Softmax, Softplus, Subsample, Sum,
    Tanh, Upsample, ZeroPad,
};
use crate::network::On;
use crate::shape::window::{Kernel, Stride};

/// y = max(x, 0): see [`Relu`].
pub const relu: Relu = Relu;

/// y = min(max(x, 0), 6): see [`Relu6`].
pub const relu6: Relu6 = Relu6;

/// y = x above 0, 0.01 · x below: see [`LeakyRelu`].
pub const leaky_relu: LeakyRelu = LeakyRelu::new(0.01);

/// y = x above 0, eˣ − 1 below: see [`Elu`].
pub const elu: Elu = Elu::new(1.0);

/// The self-normalising unit: see [`Selu`].
pub const selu: Selu = Selu;

/// y = x · Φ(x): see [`Gelu`].
pub const gelu: Gelu = Gelu;

/// y = x · Φ(x), nearly: see [`GeluTanh`].
pub const gelu_tanh: GeluTanh = GeluTanh;

/// y = x / (1 + e⁻ˣ): see [`Silu`].
pub const silu: Silu = Silu;

/// y = x · tanh(ln(1 + eˣ)): see [`Mish`].
pub const mish: Mish = Mish;

/// y = x · min(max(x + 3, 0), 6) / 6: see [`HardSwish`].
pub const hard_swish: HardSwish = HardSwish;

/// y = ln(1 + eˣ): see [`Softplus`].
pub const softplus: Softplus = Softplus;

/// y = 1 / (1 + e⁻ˣ): see [`Sigmoid`].
pub const sigmoid: Sigmoid = Sigmoid;

/// y = tanh x: see [`Tanh`].
pub const tanh: Tanh = Tanh;

/// The largest value of each 2×2 window, moving by 2: see [`MaxPool2d`].
pub const pool2: MaxPool2d<Kernel<2, 2>, Stride<2, 2>> = MaxPool2d::new();

/// Probabilities over the channels: see [`Softmax`].
pub const softmax: Softmax = Softmax;

/// The logarithm of probabilities over the channels: see [`LogSoftmax`].
pub const log_softmax: LogSoftmax = LogSoftmax;

/// y = x above 0, weight · x below: see [`Prelu`].
pub const prelu: Prelu = Prelu;

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
pub use crate::{
    __adaptive_avgpool as adaptive_avgpool, __avgpool as avgpool, __batchnorm as batchnorm, __branches as branches,
    __channel_dropout as channel_dropout, __conv as conv, __conv_transpose as conv_transpose, __conv1d as conv1d,
    __dense as dense, __depthwise as depthwise, __drop_path as drop_path, __dropout as dropout, __elu as elu,
    __groupnorm as groupnorm, __instancenorm as instancenorm, __layernorm as layernorm, __leaky_relu as leaky_relu,
    __lrn as lrn, __maxpool as maxpool, __pool1d as pool1d, __prelu as prelu, __repeat as repeat,
    __residual as residual, __rmsnorm as rmsnorm, __separable as separable, __subsample as subsample, __total as total,
    __upsample as upsample, __zero_pad as zero_pad,
};

/// Lets layers of your own stand on the left of `>>`: `joins!(Mine);`, or `joins!([const N: usize] Mine<N>);` for a
/// generic one. (On the right every layer may stand as it is.)
///
/// # Examples
///
/// See `examples/custom_layer.rs`.
#[macro_export]
macro_rules! joins {
    ([$($parameters:tt)*] $layer:ty) => {
        // `__` begins names that are seen where the macro is called: types' parameters, and what could be a constant there
        impl<__Right, $($parameters)*> ::core::ops::Shr<__Right> for $layer {
            type Output = $crate::Seq<$layer, __Right>;

            fn shr(self, __right: __Right) -> Self::Output {
                $crate::Seq(self, __right)
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
joins!(Relu6);
joins!(LeakyRelu);
joins!(Elu);
joins!(Selu);
joins!(Gelu);
joins!(GeluTanh);
joins!(Silu);
joins!(Mish);
joins!(HardSwish);
joins!(Softplus);
joins!(Sigmoid);
joins!(Tanh);
joins!(Softmax);
joins!(LogSoftmax);
joins!(Prelu);
joins!(PreluChannels);
joins!(Dropout);
joins!(ChannelDropout);
joins!(DropPath);
joins!(Identity);
joins!(Flatten);
joins!([I, const O: usize, K, S, P, D, G, B] Conv2d<I, O, K, S, P, D, G, B>);
joins!([I, const O: usize, K, S, P, OP, D, G, B] ConvTranspose2d<I, O, K, S, P, OP, D, G, B>);
joins!([K, S, P, D, B] DepthwiseConv2d<K, S, P, D, B>);
joins!([K, S, P, D, R] MaxPool2d<K, S, P, D, R>);
joins!([K, S, P, R, C] AvgPool2d<K, S, P, R, C>);
joins!(GlobalAvgPool);
joins!(GlobalMaxPool);
joins!([const H: usize, const W: usize] AdaptiveAvgPool<H, W>);
joins!([S, F] Subsample<S, F>);
joins!([const T: usize, const L: usize, const B: usize, const R: usize] ZeroPad<T, L, B, R>);
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
