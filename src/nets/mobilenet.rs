//! MobileNet, the first.

use crate::net;

net! {
    /// MobileNet of full width: convolutions taken apart into one filter a channel and a 1×1 convolution, 1,000 classes of ImageNet.
    ///
    /// A stride of 2 pads by 1 on all sides, as PyTorch's versions do; TensorFlow's pads below and on the right only.
    ///
    /// Howard et al., *MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications*, 2017,
    /// <https://arxiv.org/abs/1704.04861>, table 1.
    ///
    /// # Shapes
    ///
    /// `Image<3, 224, 224>` → `Vector<1000>`, logits.
    pub MobileNetV1: Image<3, 224, 224> => Vector<1000> =
        conv1: (conv(3=>32, k3, s2, pad1, nobias) >> batchnorm >> relu)
        >> block1: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(64, k1, nobias) >> batchnorm >> relu)
        >> block2: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(128, k1, nobias) >> batchnorm >> relu)
        >> block3: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(128, k1, nobias) >> batchnorm >> relu)
        >> block4: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(256, k1, nobias) >> batchnorm >> relu)
        >> block5: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(256, k1, nobias) >> batchnorm >> relu)
        >> block6: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(512, k1, nobias) >> batchnorm >> relu)
        >> blocks7to11: repeat(5, depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(512, k1, nobias) >> batchnorm >> relu)
        >> block12: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(1024, k1, nobias) >> batchnorm >> relu)
        >> block13: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(1024, k1, nobias) >> batchnorm >> relu)
        >> global_avgpool >> flatten >> fc: dense(1000)
}
const _: () = assert!(MobileNetV1::PARAMS == 4_231_976);

net! {
    /// MobileNet of a quarter of the width, on 96×96: the reference network of *Visual Wake Words* (is a person in sight?) in
    /// MLPerf Tiny, which has biases before its norms and pads below and on the right where this one pads on all sides.
    ///
    /// Howard et al., 2017, <https://arxiv.org/abs/1704.04861>; Banbury et al., *MLPerf Tiny Benchmark*, 2021,
    /// <https://arxiv.org/abs/2106.07597>.
    ///
    /// # Shapes
    ///
    /// `Image<3, 96, 96>` → `Vector<2>`, logits.
    pub MobileNetV1Quarter: Image<3, 96, 96> => Vector<2> =
        conv1: (conv(3=>8, k3, s2, pad1, nobias) >> batchnorm >> relu)
        >> block1: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(16, k1, nobias) >> batchnorm >> relu)
        >> block2: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(32, k1, nobias) >> batchnorm >> relu)
        >> block3: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(32, k1, nobias) >> batchnorm >> relu)
        >> block4: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(64, k1, nobias) >> batchnorm >> relu)
        >> block5: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(64, k1, nobias) >> batchnorm >> relu)
        >> block6: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(128, k1, nobias) >> batchnorm >> relu)
        >> blocks7to11: repeat(5, depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(128, k1, nobias) >> batchnorm >> relu)
        >> block12: (depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(256, k1, nobias) >> batchnorm >> relu)
        >> block13: (depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(256, k1, nobias) >> batchnorm >> relu)
        >> global_avgpool >> flatten >> fc: dense(2)
}
const _: () = assert!(MobileNetV1Quarter::PARAMS == 213_586);
