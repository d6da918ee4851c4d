//! Networks that together hold every layer, one a family, for what all layers promise.

use shapewright::prelude::*;

net! {
    pub Enlarging: Image<3, 8, 8> => Vector<5> = conv(18, k3, s2, pad1) >> gelu >> conv_transpose(8, k4, s2, pad1) >> relu
        >> zero_pad(0, 1, 1, 0) >> conv_transpose(6, k3, groups2) >> upsample(2) >> maxpool(k3, s2) >> flatten >> dense(5);
    pub Wide: Image<3, 4, 20> => Vector<5> = conv(40, k3, s2, pad1) >> relu >> conv(16, k3, same) >> relu >> conv(17, k3, pad1)
        >> tanh >> conv_transpose(6, k(1, 4), s2, pad(0, 1)) >> relu >> conv(4, k3, dil2, pad2) >> flatten >> dense(5);
    pub Separated: Image<3, 12, 12> => Vector<5> = depthwise(k3, pad1) >> hard_swish >> separable(8, k3, pad1) >> prelu(channels)
        >> avgpool(k2) >> depthwise(k3, s2, same) >> relu6 >> subsample(12, s1) >> adaptive_avgpool(1, 3) >> global_avgpool >> flatten
        >> dense(5);
    pub Joined: Image<3, 8, 8> => Vector<5> = residual(conv(6, k3, s2, pad1) >> relu | subsample(6, s2))
        >> concat(identity | conv(2, k1) >> tanh | maxpool(k3, s1, pad1) >> conv(3, k1)) >> sum(conv(4, k1) | conv(4, k3, pad1) >> mish)
        >> repeat(3, residual(conv(4=>4, k3, pad1) >> elu)) >> global_maxpool >> flatten >> dense(5);
    pub Signal: Sequence<4, 40> => Vector<5> = conv(6, k5, s2, pad2) >> batchnorm >> softplus >> depthwise(k3, pad1) >> channel_dropout(0.2)
        >> conv_transpose(6, k4, s2, pad1) >> upsample(2) >> maxpool(k2) >> avgpool(k2) >> separable(8, k3, same)
        >> zero_pad(1, 1, 0, 0) >> adaptive_avgpool(7) >> groupnorm(2) >> flatten >> dense(5);
    pub Dropping: Image<3, 8, 8> => Vector<5> = conv(6, k3, pad1) >> relu >> channel_dropout(0.25)
        >> residual(conv(6, k3, pad1) >> relu >> drop_path(0.2)) >> pool2 >> flatten >> dense(16) >> relu >> dropout(0.5) >> dense(5);
    pub Normed: Image<3, 16, 16> => Vector<5> = conv(8, k3, pad1) >> batchnorm >> relu >> residual(conv(8, k3, pad1) >> batchnorm >> relu)
        >> groupnorm(2) >> lrn(3) >> instancenorm >> pool2 >> flatten >> dense(16) >> batchnorm >> layernorm >> rmsnorm >> dense(5);
    pub Activated: Image<3, 4, 4> => Vector<5> = conv(4, k3, pad1) >> leaky_relu >> conv(4, k1) >> elu >> conv(4, k1) >> selu >> conv(4, k1)
        >> gelu >> conv(4, k1) >> gelu_tanh >> conv(4, k1) >> silu >> conv(4, k1) >> mish >> conv(4, k1) >> hard_swish >> conv(4, k1) >> softplus
        >> softmax >> conv(4, k1) >> sigmoid >> prelu >> conv(4, k1) >> tanh >> identity >> flatten >> dense(5) >> log_softmax;
}

/// Calls a function with each of them.
macro_rules! for_each_family {
    ($check:ident) => {
        $check("Enlarging", $crate::families::Enlarging);
        $check("Wide", $crate::families::Wide);
        $check("Separated", $crate::families::Separated);
        $check("Joined", $crate::families::Joined);
        $check("Signal", $crate::families::Signal);
        $check("Dropping", $crate::families::Dropping);
        $check("Normed", $crate::families::Normed);
        $check("Activated", $crate::families::Activated);
    };
}
