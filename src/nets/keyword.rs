//! Spoken words.

use crate::net;

net! {
    /// TC-ResNet8: a residual network along time, whose channels are the frequencies, for the twelve commands of Google's
    /// *Speech Commands*.
    ///
    /// The input is a second of speech: 40 mel-frequency cepstral coefficients of 98 windows of 30 ms, 10 ms apart. The 66
    /// thousand parameters of the paper are these and 656 running statistics.
    ///
    /// Choi et al., *Temporal Convolution for Real-time Keyword Spotting on Mobile Devices*, 2019,
    /// <https://arxiv.org/abs/1904.03814>, and its code.
    ///
    /// # Shapes
    ///
    /// `Sequence<40, 98>` → `Vector<12>`, logits.
    pub TcResNet8: Sequence<40, 98> => Vector<12> =
        conv1: conv(40=>16, k3, pad1, nobias) >> bn1: batchnorm >> relu
        >> block1: residual(conv1: conv(24, k9, s2, pad4, nobias) >> bn1: batchnorm >> relu
            >> conv2: conv(24, k9, pad4, nobias) >> bn2: batchnorm
            | conv(24, k1, s2, nobias) >> batchnorm >> relu) >> relu
        >> block2: residual(conv1: conv(32, k9, s2, pad4, nobias) >> bn1: batchnorm >> relu
            >> conv2: conv(32, k9, pad4, nobias) >> bn2: batchnorm
            | conv(32, k1, s2, nobias) >> batchnorm >> relu) >> relu
        >> block3: residual(conv1: conv(48, k9, s2, pad4, nobias) >> bn1: batchnorm >> relu
            >> conv2: conv(48, k9, pad4, nobias) >> bn2: batchnorm
            | conv(48, k1, s2, nobias) >> batchnorm >> relu) >> relu
        >> global_avgpool >> flatten >> dropout(0.5) >> fc: dense(12, nobias)
}
const _: () = assert!(TcResNet8::PARAMS == 65_168);
