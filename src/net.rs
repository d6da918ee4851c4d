//! The language: `net!` and what it stands for.

/// Declares networks, and checks every joint of them.
///
/// # The two forms
///
/// An item declares a type of its own, with what it takes and what it gives; several may stand in one `net!`, with `;` between
/// them. An expression is a value, whose input shape alone is said.
///
/// ```
/// use shapewright::prelude::*;
///
/// net! {
///     /// A small network. Its documentation ends in a table of its stages.
///     pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> pool2 >> flatten >> dense(3)
/// }
/// let item = Model::new(Tiny, 7);
/// let value = Model::new(net!(Image<1, 8, 8> => conv(1=>4, k3) >> relu >> pool2 >> flatten >> dense(3)), 7);
/// assert_eq!(item.parameters(), value.parameters());
/// const _: () = assert!(Tiny::PARAMS == 151 && Tiny::MACS == 1_404);
/// ```
///
/// # The grammar
///
/// ```text
/// item       = attributes visibility Name ":" Shape "=>" Shape "=" chain { ";" item }
/// value      = Shape "=>" chain
/// attributes = #[budget(figure <= limit, …)], #[exact], and any that a struct may have
/// Shape      = Image<C, H, W> | Sequence<C, L> | Vector<N> | Flat<Shape> | a name of yours for one of them
/// chain      = stage { ">>" stage }
/// stage      = [ label ":" ] layer
/// layer      = word [ "!" ] [ "(" arguments ")" ] | Path | "{" value "}" | "(" chain ")"
/// arguments  = sizes, options | count, chain | chain { "|" chain }
/// sizes      = number | number "=>" number
/// number     = a literal | a constant | "{" an expression "}"
/// ```
///
/// All words and all options, a line each, with what it gives:
///
/// ```
/// use shapewright::prelude::*;
///
/// net! {
///     Convolutions: Image<3, 32, 32> => Image<4, 64, 64> =
///         conv(3=>8, k5, pad2)                             // 8×32×32: states what it takes; kernel 5×5, padding 2
///         >> conv(8, k(3, 5), pad(1, 2), nobias)           // 8×32×32: rows and columns; no bias
///         >> conv(16, k3, s2, pad(0, 0, 1, 1))             // 16×16×16: stride 2; above, left, below and right
///         >> conv(16, k3, stride(1, 1), same, dil2)        // 16×16×16: as much padding as keeps the size; dilation 2
///         >> conv(16, k1, groups4, exact)                  // 16×16×16: groups of channels; no pixel unread
///         >> depthwise(k3, pad1)                           // 16×16×16: one filter a channel
///         >> separable(32, k3, pad(2, 2), dilation(2, 2))  // 32×16×16: depthwise, then 1×1
///         >> conv_transpose(32=>8, k4, stride2, pad1)      // 8×32×32
///         >> conv_transpose(4, k3, s2, pad1, output_pad1); // 4×64×64: one more row and column at the end
///     Sizes: Image<4, 32, 32> => Vector<32> =
///         zero_pad(1) >> zero_pad(0, 0, 2, 2)              // 4×34×34, then 4×36×36
///         >> maxpool(k3, ceil)                             // 4×12×12: the stride is the kernel's; rounded up
///         >> avgpool(k3, s1, pad1, skip_padding)           // 4×12×12: a mean without the padding
///         >> pool2                                         // 4×6×6: maxpool(k2)
///         >> upsample(2)                                   // 4×12×12
///         >> subsample(16, s2)                             // 16×6×6: every other row and column, and channels of zeros
///         >> adaptive_avgpool(3)                           // 16×3×3: means of equal parts
///         >> concat(global_avgpool | global_maxpool)       // 32×1×1: branches side by side
///         >> flatten;                                      // 32 features
///     Norms: Image<4, 8, 8> => Image<4, 8, 8> =
///         batchnorm >> batchnorm(eps(1e-3), momentum(0.01))
///         >> layernorm >> rmsnorm(eps(1e-6)) >> instancenorm
///         >> groupnorm(2)                                  // two groups of two channels
///         >> lrn(5, alpha(1e-4), beta(0.75), k(2.0));      // over five neighbouring channels
///     Activations: Vector<8> => Vector<8> =
///         relu >> relu6 >> leaky_relu >> leaky_relu(0.1)   // the slope below 0 is 0.01 unless said
///         >> elu >> elu(0.5) >> selu
///         >> gelu >> gelu_tanh >> silu >> mish >> hard_swish
///         >> softplus >> sigmoid >> tanh
///         >> prelu >> prelu(channels)                      // one slope to be trained, or one a channel
///         >> softmax >> log_softmax;
///     Dropouts: Image<8, 4, 4> => Vector<10> =
///         channel_dropout(0.2)                             // the probability to drop a channel
///         >> residual(conv(8, k3, pad1) >> drop_path(0.1)) // … the branch
///         >> flatten >> dropout(0.5)                       // … a value
///         >> dense(128=>20, nobias) >> dense(10);
///     Joints: Image<8, 8, 8> => Image<20, 4, 4> =
///         repeat(3, conv(8, k3, pad1) >> relu)             // three copies, each with its own parameters
///         >> residual(conv(8, k3, pad1))                   // added to what arrives
///         >> residual(conv(16, k3, s2, pad1) | conv(16, k1, s2)) // added to a shortcut
///         >> sum(identity | conv(16, k1) | conv(16, k3, pad1))
///         >> concat(identity | last: (conv(4, k1) >> relu)) // a label
/// }
/// ```
///
/// # The layers
///
/// Each may be written with `!` behind its word or without.
///
/// | word | layer |
/// | --- | --- |
/// | `conv(3=>32, k5, …)`, `conv(32, k5, …)` | [`Conv2d`](crate::Conv2d), stating the channels that it takes or taking what arrives |
/// | `depthwise(k3, …)` | [`DepthwiseConv2d`](crate::DepthwiseConv2d): one filter a channel |
/// | `separable(64, k3, …)` | a depthwise convolution without bias, then one of 1×1 with 64 filters |
/// | `conv_transpose(16=>8, k3, s2, …)` | [`ConvTranspose2d`](crate::ConvTranspose2d) |
/// | `zero_pad(1)`, `zero_pad(0, 0, 1, 1)` | [`ZeroPad`](crate::ZeroPad): on all sides, or above, left, below and right |
/// | `upsample(2)` | [`Upsample`](crate::Upsample): each value twice in each direction |
/// | `maxpool(k3, …)`, `pool2` | [`MaxPool2d`](crate::MaxPool2d); the stride is the kernel's unless said; `pool2` is 2×2 |
/// | `avgpool(k3, …)` | [`AvgPool2d`](crate::AvgPool2d); the stride is the kernel's unless said |
/// | `global_avgpool`, `global_maxpool` | [`GlobalAvgPool`](crate::GlobalAvgPool), [`GlobalMaxPool`](crate::GlobalMaxPool): one value a channel |
/// | `adaptive_avgpool(7)`, `adaptive_avgpool(7, 5)` | [`AdaptiveAvgPool`](crate::AdaptiveAvgPool): means of as many equal parts |
/// | `subsample(s2)`, `subsample(32, s2)` | [`Subsample`](crate::Subsample): every other row and column; with channels of zeros up to 32 |
/// | `batchnorm`, `batchnorm(eps(1e-3), momentum(0.01))` | [`BatchNorm`](crate::BatchNorm) |
/// | `layernorm`, `instancenorm`, `rmsnorm`, each with `(eps(1e-6))` | [`LayerNorm`](crate::LayerNorm), [`InstanceNorm`](crate::InstanceNorm), [`RmsNorm`](crate::RmsNorm) |
/// | `groupnorm(8)`, `groupnorm(8, eps(1e-6))` | [`GroupNorm`](crate::GroupNorm) |
/// | `lrn(5)`, `lrn(5, alpha(1e-4), beta(0.75), k(2.0))` | [`Lrn`](crate::Lrn) |
/// | `relu`, `relu6`, `leaky_relu`, `leaky_relu(0.1)` | [`Relu`](crate::Relu), [`Relu6`](crate::Relu6), [`LeakyRelu`](crate::LeakyRelu) (0.01 unless said) |
/// | `elu`, `elu(0.5)`, `selu` | [`Elu`](crate::Elu) (1 unless said), [`Selu`](crate::Selu) |
/// | `gelu`, `gelu_tanh`, `silu`, `mish`, `hard_swish` | [`Gelu`](crate::Gelu), [`GeluTanh`](crate::GeluTanh), [`Silu`](crate::Silu), [`Mish`](crate::Mish), [`HardSwish`](crate::HardSwish) |
/// | `softplus`, `sigmoid`, `tanh` | [`Softplus`](crate::Softplus), [`Sigmoid`](crate::Sigmoid), [`Tanh`](crate::Tanh) |
/// | `softmax`, `log_softmax` | [`Softmax`](crate::Softmax), [`LogSoftmax`](crate::LogSoftmax), over the channels |
/// | `prelu`, `prelu(channels)` | [`Prelu`](crate::Prelu), one slope to be trained; [`PreluChannels`](crate::PreluChannels), one a channel |
/// | `identity` | [`Identity`](crate::Identity) |
/// | `dropout(0.5)`, `channel_dropout(0.2)`, `drop_path(0.1)` | [`Dropout`](crate::Dropout), [`ChannelDropout`](crate::ChannelDropout), [`DropPath`](crate::DropPath): the probability to drop |
/// | `flatten` | [`Flatten`](crate::Flatten) |
/// | `dense(10)`, `dense(400=>10)` | [`Dense`](crate::Dense), taking what arrives or stating it; `nobias` |
/// | `residual(…)`, `residual(… \| …)` | [`Residual`](crate::Residual): a chain, and what arrives or a shortcut added to it |
/// | `concat(… \| … \| …)` | [`Concat`](crate::Concat): chains side by side, the channels of each behind those before it |
/// | `sum(… \| … \| …)` | [`Sum`](crate::Sum): chains whose outputs are added |
/// | `repeat(3, …)` | [`Repeat`](crate::Repeat): copies of a chain that keeps its shape |
/// | `Stem`, `zoo::Stem` | another network or a layer of your own, which is `Default`: a name that starts upper-case or has `::` in it; one that PyTorch or Keras gives a layer (`ReLU`, `Flatten`) as `self::ReLU` |
/// | `{stem}` | a local value, in an expression |
/// | `( … )` | a chain; without a label its parentheses do not count |
///
/// The same words work on sequences. There a window has one size (`k5`), and the weights of a convolution one axis less.
///
/// Arguments of convolutions and pools, for both directions or as `(rows, columns)`:
///
/// | argument | means |
/// | --- | --- |
/// | `k5`, `k(3, 5)` | the kernel |
/// | `s2`, `stride2`, `stride(2, 1)` | the stride, 1 unless said |
/// | `pad2`, `pad(1, 2)` | zeros (−∞ in a max pool) on both sides |
/// | `pad(0, 1, 2, 3)` | zeros above, left, below and right (convolutions) |
/// | `same` | padding such that the output has ⌈size / stride⌉ rows and columns (`conv`, `depthwise`, `separable`) |
/// | `dil2`, `dilation2`, `dilation(1, 2)` | the distance between taps (not `avgpool`) |
/// | `groups4` | groups of channels (`conv`, `conv_transpose`) |
/// | `output_pad1` | more rows and columns at the end of the output (`conv_transpose`) |
/// | `nobias` | no bias (convolutions, `dense`) |
/// | `ceil` | sizes are rounded up (pools) |
/// | `skip_padding` | a mean leaves the padding out (`avgpool`) |
/// | `exact` | pixels that no window reads are an error, and so are windows that see padding alone, and max pools that overlap (see [`Exact`](crate::Exact)); `#[exact]` before a network says it of all of them |
///
/// In parentheses a constant may stand for a number (`k(KERNEL)`), or an expression in braces:
///
/// ```
/// use shapewright::prelude::*;
///
/// const WIDTH: usize = 8;
/// const KERNEL: usize = 3;
/// net! { pub Wide: Image<3, 16, 16> => Vector<10> =
///     conv(3=>WIDTH, k(KERNEL)) >> relu >> conv(WIDTH=>{ 2 * WIDTH }, k3) >> flatten >> dense(10) }
/// ```
///
/// Where a real number stands, any expression of type `f64` may: `dropout(RATE)`.
///
/// A const parameter of the function around an expression may be a number of features or of filters, where each shape that it is part of is said to be one (pools
/// ask for `Image<F, 1, 1>`, too):
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Shape;
///
/// fn parameters<const F: usize, const N: usize>() -> usize
/// where
///     Image<F, 6, 6>: Shape, // what the convolution gives
///     Vector<N>: Shape,      // what the dense layer gives
/// {
///     Model::new(net!(Image<1, 8, 8> => conv(F, k3) >> relu >> flatten >> dense(N)), 7).parameters().len()
/// }
/// assert_eq!(parameters::<4, 10>(), 40 + 1_450);
/// ```
///
/// # Joints of branches
///
/// All branches take what arrives. Between them stands `|`.
///
/// ```
/// use shapewright::prelude::*;
///
/// net! { pub Block: Image<16, 8, 8> => Image<40, 4, 4> =
///     residual(conv(16, k3, pad1) >> relu >> conv(16, k3, pad1)) >> relu
///     >> residual(conv(32, k3, s2, pad1) | conv(32, k1, s2)) >> relu
///     >> concat(identity | conv(4, k1) | conv(4, k1) >> relu >> conv(4, k3, pad1)) }
/// const _: () = assert!(Block::PARAMS == 2 * 2_320 + 4_640 + 544 + 2 * 132 + 148);
/// ```
///
/// # Names
///
/// Each chain counts its stages from 0, as PyTorch's `nn.Sequential` does, and a label replaces the number. Those names are
/// what parameters are called and saved under. Below the name `p` of a joint, the stages of a residual body are `p.0`, `p.1`, …,
/// those of its shortcut `p.shortcut.0`, …, and those of branch `j` or copy `j` of the others `p.j.0`, ….
///
/// ```
/// use shapewright::prelude::*;
///
/// net! { Stem: Image<1, 8, 8> => Image<4, 6, 6> = conv(4, k3) >> relu }
/// net! { Whole: Image<1, 8, 8> => Vector<3> =
///     Stem >> repeat(2, conv(4, k3, pad1) >> relu) >> tail: (conv(2, k3) >> relu) >> flatten >> out: dense(3) }
/// let model = Model::new(Whole, 0);
/// let weights: Vec<_> = model.params().map(|param| param.name).filter(|name| name.ends_with("weight")).collect();
/// assert_eq!(weights, ["0.0.weight", "1.0.0.weight", "1.1.0.weight", "tail.0.weight", "out.weight"]);
/// ```
///
/// # Figures and budgets
///
/// A declared network has its figures as constants, in values and in bytes of `f32`, known to the compiler and counted from what the executor really allocates:
///
/// | constant | says |
/// | --- | --- |
/// | `PARAMS`, `STATE` | trainable parameters; running statistics |
/// | `MACS`, `FLOPS` | multiply-accumulates of the forward pass of one sample; twice as many floating-point operations |
/// | `DEPTH` | stages that multiply by weights, on the longest path |
/// | `INFERENCE_BYTES` | bytes for the inference of one sample besides the weights: input, output and all between |
/// | `training_bytes(batch)` | bytes for a step of training besides the weights, with a thread for each lane; a `const fn` |
/// | `weights_bytes()` | bytes of parameters and running statistics; a `const fn` |
/// | `FIGURES` | all of them, as [`Figures`](crate::Figures), which any [`Network`](crate::Network) has |
///
/// `LeNet::summary()` is the table of its stages and those of the networks in it, which prints itself; `LeNet::diagram()` is a picture of it
/// in SVG, for light and dark, with stages as wide as their activations:
///
/// ```
/// # use shapewright::prelude::*;
/// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = residual(conv(1, k3, pad1) >> relu) >> pool2 >> flatten >> out: dense(3) }
/// println!("{}", Tiny::summary());
/// # if false {
/// std::fs::write("tiny.svg", Tiny::diagram())?;
/// # }
/// # assert!(Tiny::diagram().contains("Conv2d 3×3"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A budget makes a network that outgrows it an error at the limit, with the excess and the heaviest stage. A limit is a number, a constant or a
/// block, bytes also in `KiB` or `MiB`:
///
/// ```
/// use shapewright::prelude::*;
///
/// const MOST: usize = 62_000;
/// net! {
///     #[budget(params <= MOST, state <= 0, macs <= 450_000, flops <= 900_000, depth <= 5)]
///     #[budget(inference_bytes <= 128 KiB, weights_bytes <= { MOST } KiB)]
///     pub LeNet: Image<1, 28, 28> => Vector<10> = conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
///         >> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10)
/// }
/// const _: () = assert!(LeNet::DEPTH == 5 && LeNet::weights_bytes() == 246_824);
/// ```
///
/// ```compile_fail
/// # use shapewright::prelude::*;
/// net! { #[budget(params <= 1_000)] Head: Vector<100> => Vector<10> = dense(10) } // Head has 1,010 parameters, 10 more than its budget
/// ```
///
/// # Mistakes
///
/// All that can be seen in one `net!` are reported at once, each at its own token; after one, inference goes on from the most plausible
/// shape. What cannot be seen (constants, other networks, layers of your own) is left to the types, which report at the
/// layer's word. A chain may have about two hundred stages.
#[macro_export]
macro_rules! net {
    ($($tokens:tt)*) => { $crate::__macros::net! { {$crate} $($tokens)* } };
}

/// The traits of a network that `net!` declares, by its chain. `__` begins names that are seen where it stands: the user's own networks
/// and constants have all others.
#[doc(hidden)]
#[macro_export]
macro_rules! __network {
    ($name:ident: $input:ty => $output:ty, [$($label:literal),*], $chain:ty, $value:expr) => {
        impl $crate::Declared for $name {
            // With a mistake at a joint the constant is none, and rustc reports nothing of a type that depends on it.
            type Input = <$crate::Sound<{ $name::__JOINED }> as $crate::Then<$input>>::Given;
        }

        impl $crate::Network for $name {
            type Input = <$name as $crate::Declared>::Input;
            type Output = $output;
        }

        impl<__I: $crate::Shape> $crate::Layer<__I> for $name
        where
            __I: $crate::shape::rules::Is<$input, $name>,
            $chain: $crate::Layer<__I::Same>,
        {
            type Output = $output;

            const PLAN: $crate::Plan = $crate::Plan::Whole(
                &[$($label),*],
                &<$crate::layers::Chain<$chain> as $crate::Layer<__I::Same>>::PLAN,
            );

            $crate::__hand_on!($crate::layers::Chain<$chain> as __I::Same, |__this| &$crate::layers::Chain($value));

            fn watch<__E: $crate::Element>(&self, __watch: &mut $crate::layer::Watch<'_, __E>) {
                $crate::Layer::<__I::Same>::watch(&$crate::layers::Chain($value), __watch);
            }

            fn outline(&self, __outline: &mut $crate::Outline) {
                $crate::Layer::<__I::Same>::outline(&$crate::layers::Chain($value), __outline);
            }
        }

        #[allow(dead_code, missing_docs, unreachable_pub, clippy::new_ret_no_self, clippy::must_use_candidate)]
        impl $name {
            $crate::__misplaced!($name);
        }

        $crate::joins!($name);
    };
}
