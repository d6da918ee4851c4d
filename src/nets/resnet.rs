//! Residual networks.

use crate::net;

net! {
    /// ResNet-18: four stages of two blocks of two convolutions, 1,000 classes of ImageNet.
    ///
    /// As torchvision's `resnet18`. A block that halves the size has a 1×1 convolution as its shortcut (option B).
    ///
    /// He et al., *Deep Residual Learning for Image Recognition*, 2015, <https://arxiv.org/abs/1512.03385>, table 1.
    ///
    /// # Shapes
    ///
    /// `Image<3, 224, 224>` → `Vector<1000>`, logits.
    pub ResNet18: Image<3, 224, 224> => Vector<1000> =
        conv1: conv(3=>64, k7, s2, pad3, nobias) >> bn1: batchnorm >> relu >> maxpool(k3, s2, pad1)
        >> layer1: (
            residual(conv1: conv(64, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(64, k3, pad1, nobias) >> bn2: batchnorm) >> relu
            >> residual(conv1: conv(64, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(64, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> layer2: (
            residual(conv1: conv(128, k3, s2, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(128, k3, pad1, nobias) >> bn2: batchnorm
                | conv(128, k1, s2, nobias) >> batchnorm) >> relu
            >> residual(conv1: conv(128, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(128, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> layer3: (
            residual(conv1: conv(256, k3, s2, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(256, k3, pad1, nobias) >> bn2: batchnorm
                | conv(256, k1, s2, nobias) >> batchnorm) >> relu
            >> residual(conv1: conv(256, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(256, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> layer4: (
            residual(conv1: conv(512, k3, s2, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(512, k3, pad1, nobias) >> bn2: batchnorm
                | conv(512, k1, s2, nobias) >> batchnorm) >> relu
            >> residual(conv1: conv(512, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(512, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> global_avgpool >> flatten >> fc: dense(1000)
}
const _: () = assert!(ResNet18::PARAMS == 11_689_512);

net! {
    /// ResNet-20 for CIFAR-10: three stages of three blocks, shortcuts without parameters (option A).
    ///
    /// Where the size halves, the shortcut takes every other pixel and appends channels of zeros.
    ///
    /// He et al., *Deep Residual Learning for Image Recognition*, 2015, <https://arxiv.org/abs/1512.03385>, section 4.2.
    ///
    /// # Shapes
    ///
    /// `Image<3, 32, 32>` → `Vector<10>`, logits.
    pub ResNet20: Image<3, 32, 32> => Vector<10> =
        conv1: conv(3=>16, k3, pad1, nobias) >> bn1: batchnorm >> relu
        >> layer1: (
            residual(conv1: conv(16, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(16, k3, pad1, nobias) >> bn2: batchnorm) >> relu
            >> residual(conv1: conv(16, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(16, k3, pad1, nobias) >> bn2: batchnorm) >> relu
            >> residual(conv1: conv(16, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(16, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> layer2: (
            residual(conv1: conv(32, k3, s2, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(32, k3, pad1, nobias) >> bn2: batchnorm
                | subsample(32, s2)) >> relu
            >> residual(conv1: conv(32, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(32, k3, pad1, nobias) >> bn2: batchnorm) >> relu
            >> residual(conv1: conv(32, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(32, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> layer3: (
            residual(conv1: conv(64, k3, s2, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(64, k3, pad1, nobias) >> bn2: batchnorm
                | subsample(64, s2)) >> relu
            >> residual(conv1: conv(64, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(64, k3, pad1, nobias) >> bn2: batchnorm) >> relu
            >> residual(conv1: conv(64, k3, pad1, nobias) >> bn1: batchnorm >> relu
                >> conv2: conv(64, k3, pad1, nobias) >> bn2: batchnorm) >> relu
        )
        >> global_avgpool >> flatten >> fc: dense(10)
}
const _: () = assert!(ResNet20::PARAMS == 269_722);
