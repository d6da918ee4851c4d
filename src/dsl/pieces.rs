//! A macro for each layer with arguments. All are the same two lines, which hand `$crate` and the word to the procedural
//! macro; they are written out, because a macro that a macro exports has no path.

/// A convolution: `conv!(3=>32, k5, pad2)` or, taking the channels that arrive, `conv!(32, k5)`. See
/// [`Conv2d`](crate::Conv2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __conv {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} conv $($arguments)* } };
}

/// A convolution over a sequence: `conv1d!(8, k5, s2)`; the same layer as [`conv!`](crate::dsl::conv), which goes by
/// what arrives. See [`Conv2d`](crate::Conv2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __conv1d {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} conv $($arguments)* } };
}

/// A convolution with one filter a channel: `depthwise!(k3, pad1)`. See [`DepthwiseConv2d`](crate::DepthwiseConv2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __depthwise {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} depthwise $($arguments)* } };
}

/// A depthwise convolution, then one of 1×1: `separable!(64, k3, pad1)`. See
/// [`DepthwiseConv2d`](crate::DepthwiseConv2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __separable {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} separable $($arguments)* } };
}

/// A transposed convolution: `conv_transpose!(16=>8, k3, s2, pad1, output_pad1)`. See
/// [`ConvTranspose2d`](crate::ConvTranspose2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __conv_transpose {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} conv_transpose $($arguments)* } };
}

/// Zeros around an image: `zero_pad!(1)`, or above, left, below and right `zero_pad!(0, 0, 1, 1)`. See
/// [`ZeroPad`](crate::ZeroPad).
#[doc(hidden)]
#[macro_export]
macro_rules! __zero_pad {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} zero_pad $($arguments)* } };
}

/// Each value several times in each direction: `upsample!(2)`. See [`Upsample`](crate::Upsample).
#[doc(hidden)]
#[macro_export]
macro_rules! __upsample {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} upsample $($arguments)* } };
}

/// A max pool: `maxpool!(k3, s2, pad1)`. See [`MaxPool2d`](crate::MaxPool2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __maxpool {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} maxpool $($arguments)* } };
}

/// A max pool over a sequence: `pool1d!(k2)`; the same layer as [`maxpool!`](crate::dsl::maxpool), which goes by what
/// arrives. See [`MaxPool2d`](crate::MaxPool2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __pool1d {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} maxpool $($arguments)* } };
}

/// An average pool: `avgpool!(k3, s2, pad1)`. See [`AvgPool2d`](crate::AvgPool2d).
#[doc(hidden)]
#[macro_export]
macro_rules! __avgpool {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} avgpool $($arguments)* } };
}

/// Averages over as many equal parts: `adaptive_avgpool!(7)`. See [`AdaptiveAvgPool`](crate::AdaptiveAvgPool).
#[doc(hidden)]
#[macro_export]
macro_rules! __adaptive_avgpool {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} adaptive_avgpool $($arguments)* } };
}

/// Every other row and column: `subsample!(s2)`; with channels of zeros up to 32, `subsample!(32, s2)`. See
/// [`Subsample`](crate::Subsample).
#[doc(hidden)]
#[macro_export]
macro_rules! __subsample {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} subsample $($arguments)* } };
}

/// A batch norm with numbers of its own: `batchnorm!(eps(1e-3), momentum(0.01))`. See [`BatchNorm`](crate::BatchNorm).
#[doc(hidden)]
#[macro_export]
macro_rules! __batchnorm {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} batchnorm $($arguments)* } };
}

/// A layer norm with an ε of its own: `layernorm!(eps(1e-6))`. See [`LayerNorm`](crate::LayerNorm).
#[doc(hidden)]
#[macro_export]
macro_rules! __layernorm {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} layernorm $($arguments)* } };
}

/// A group norm: `groupnorm!(8)`. See [`GroupNorm`](crate::GroupNorm).
#[doc(hidden)]
#[macro_export]
macro_rules! __groupnorm {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} groupnorm $($arguments)* } };
}

/// An instance norm with an ε of its own: `instancenorm!(eps(1e-6))`. See [`InstanceNorm`](crate::InstanceNorm).
#[doc(hidden)]
#[macro_export]
macro_rules! __instancenorm {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} instancenorm $($arguments)* } };
}

/// An RMS norm with an ε of its own: `rmsnorm!(eps(1e-6))`. See [`RmsNorm`](crate::RmsNorm).
#[doc(hidden)]
#[macro_export]
macro_rules! __rmsnorm {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} rmsnorm $($arguments)* } };
}

/// A local response norm: `lrn!(5, alpha(1e-4), beta(0.75), k(2.0))`. See [`Lrn`](crate::Lrn).
#[doc(hidden)]
#[macro_export]
macro_rules! __lrn {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} lrn $($arguments)* } };
}

/// A leaky rectifier with a slope of its own: `leaky_relu!(0.1)`. See [`LeakyRelu`](crate::LeakyRelu).
#[doc(hidden)]
#[macro_export]
macro_rules! __leaky_relu {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} leaky_relu $($arguments)* } };
}

/// An exponential linear unit with an α of its own: `elu!(0.5)`. See [`Elu`](crate::Elu).
#[doc(hidden)]
#[macro_export]
macro_rules! __elu {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} elu $($arguments)* } };
}

/// A rectifier with a slope to be trained for each channel: `prelu!(channels)`. See
/// [`PreluChannels`](crate::PreluChannels).
#[doc(hidden)]
#[macro_export]
macro_rules! __prelu {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} prelu $($arguments)* } };
}

/// Drops values while training: `dropout!(0.5)`. See [`Dropout`](crate::Dropout).
#[doc(hidden)]
#[macro_export]
macro_rules! __dropout {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} dropout $($arguments)* } };
}

/// Drops channels while training: `channel_dropout!(0.2)`. See [`ChannelDropout`](crate::ChannelDropout).
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_dropout {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} channel_dropout $($arguments)* } };
}

/// Drops samples while training: `drop_path!(0.1)`. See [`DropPath`](crate::DropPath).
#[doc(hidden)]
#[macro_export]
macro_rules! __drop_path {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} drop_path $($arguments)* } };
}

/// A fully connected layer: `dense!(10)` or, stating the features that arrive, `dense!(400=>10)`. See
/// [`Dense`](crate::Dense).
#[doc(hidden)]
#[macro_export]
macro_rules! __dense {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} dense $($arguments)* } };
}

/// A chain with a shortcut around it: `residual!(conv(8, k3, pad1) >> relu)`, `residual!(conv(16, k3, s2, pad1) |
/// conv(16, k1, s2))`. See [`Residual`](crate::Residual).
#[doc(hidden)]
#[macro_export]
macro_rules! __residual {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} residual $($arguments)* } };
}

/// Chains side by side, channel behind channel (`concat` in `net!`): `branches!(conv(8, k1) | conv(8, k3, pad1))`. See
/// [`Concat`](crate::Concat).
#[doc(hidden)]
#[macro_export]
macro_rules! __branches {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} concat $($arguments)* } };
}

/// Chains whose outputs are added (`sum` in `net!`): `total!(conv(8, k1) | conv(8, k3, pad1))`. See
/// [`Sum`](crate::Sum).
#[doc(hidden)]
#[macro_export]
macro_rules! __total {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} sum $($arguments)* } };
}

/// Copies of a chain: `repeat!(3, conv(8=>8, k3, pad1) >> relu)`. See [`Repeat`](crate::Repeat).
#[doc(hidden)]
#[macro_export]
macro_rules! __repeat {
    ($($arguments:tt)*) => { $crate::__macros::layer! { {$crate} repeat $($arguments)* } };
}
