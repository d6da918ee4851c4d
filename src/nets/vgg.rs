//! VGG.

use crate::net;

net! {
    /// VGG-16 (configuration D) with batch norm: nothing but 3×3 convolutions and 2×2 maxima, five times half the size.
    ///
    /// Parameters are called as in torchvision's `vgg16_bn`, so its files load as they are.
    ///
    /// Simonyan and Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2015, <https://arxiv.org/abs/1409.1556>.
    ///
    /// # Shapes
    ///
    /// `Image<3, 224, 224>` → `Vector<1000>`, logits.
    pub Vgg16Bn: Image<3, 224, 224> => Vector<1000> =
        features: (
            conv(3=>64, k3, pad1) >> batchnorm >> relu
            >> conv(64=>64, k3, pad1) >> batchnorm >> relu >> pool2
            >> conv(64=>128, k3, pad1) >> batchnorm >> relu
            >> conv(128=>128, k3, pad1) >> batchnorm >> relu >> pool2
            >> conv(128=>256, k3, pad1) >> batchnorm >> relu
            >> conv(256=>256, k3, pad1) >> batchnorm >> relu
            >> conv(256=>256, k3, pad1) >> batchnorm >> relu >> pool2
            >> conv(256=>512, k3, pad1) >> batchnorm >> relu
            >> conv(512=>512, k3, pad1) >> batchnorm >> relu
            >> conv(512=>512, k3, pad1) >> batchnorm >> relu >> pool2
            >> conv(512=>512, k3, pad1) >> batchnorm >> relu
            >> conv(512=>512, k3, pad1) >> batchnorm >> relu
            >> conv(512=>512, k3, pad1) >> batchnorm >> relu >> pool2
        )
        >> flatten
        >> classifier: (
            dense(4096) >> relu >> dropout(0.5) >> dense(4096) >> relu >> dropout(0.5) >> dense(1000)
        )
}
const _: () = assert!(Vgg16Bn::PARAMS == 138_365_992);
