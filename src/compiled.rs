//! Every kernel in `f32` and `f64`, compiled with the library: for the library's own tests and examples.
//!
//! A program compiles the kernels that its networks use and no others, which keeps programs small and the library quick to build. The
//! tests and examples are some twenty programs that use the same kernels. With the feature `compiled` the library has them, and at an
//! optimisation level at which crates share what is generic (1, as in `[profile.test]`) none of these programs compiles them again.

use crate::exec::AnyDerivable;
use crate::prelude::*;

net! {
    /// Every layer that has a kernel, on every path that it may take.
    Kernels: Image<3, 32, 32> => Vector<10> =
        // lanes along the positions, with and without a stride; Winograd
        conv(16, k3, pad1) >> relu >> conv(16, k3, pad1) >> relu6 >> conv(16, k5, s2, pad2) >> leaky_relu
        // lanes along the filters; columns and a matrix product
        >> residual(conv(16, k3, pad1, groups2) | depthwise(k3, pad1)) >> conv(32, k3, s2, pad1) >> hard_swish
        >> residual(conv(64, k3, pad1) >> gelu >> conv(32, k1) | depthwise(k3, pad1))
        >> conv_transpose(24, k4, s2, pad1) >> silu >> conv_transpose(4, k3, s2, pad1, output_pad1, groups2)
        >> batchnorm >> elu >> groupnorm(2) >> selu >> layernorm >> mish >> instancenorm >> softplus >> rmsnorm >> sigmoid >> lrn(5)
        >> tanh >> prelu >> gelu_tanh >> dropout(0.5) >> channel_dropout(0.5) >> drop_path(0.5) >> zero_pad(1) >> upsample(2)
        >> maxpool(k3, s2) >> avgpool(k3, s2) >> adaptive_avgpool(8, 8) >> subsample(s2)
        >> concat(global_maxpool | global_avgpool) >> softmax >> flatten >> dense(10) >> log_softmax
}

/// What makes the compiler compile them.
#[used]
static KERNELS: (&dyn AnyDerivable<f32>, &dyn AnyDerivable<f64>) = (&Kernels, &Kernels);
