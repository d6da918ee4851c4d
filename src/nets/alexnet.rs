//! AlexNet.

use crate::net;

net! {
    /// The network with which the decade began: five convolutions, three dense layers, 1,000 classes of ImageNet.
    ///
    /// As in the paper, on 227×227 (the 224 in its figure do not give the 55 beside them), the second, fourth and fifth convolution
    /// in two groups, which were two graphics cards. The paper's local response norm adds 10⁻⁴ times each of 5 squares; α here, as in PyTorch, is
    /// for their mean, so 5·10⁻⁴. torchvision's `alexnet` is another network, with one group, fewer filters and no norm.
    ///
    /// Krizhevsky, Sutskever and Hinton, *ImageNet Classification with Deep Convolutional Neural Networks*, 2012.
    ///
    /// # Shapes
    ///
    /// `Image<3, 227, 227>` → `Vector<1000>`, logits.
    pub AlexNet: Image<3, 227, 227> => Vector<1000> =
        conv1: conv(3=>96, k11, s4) >> relu >> lrn(5, alpha(5e-4), beta(0.75), k(2.0)) >> maxpool(k3, s2)
        >> conv2: conv(96=>256, k5, pad2, groups2) >> relu >> lrn(5, alpha(5e-4), beta(0.75), k(2.0)) >> maxpool(k3, s2)
        >> conv3: conv(256=>384, k3, pad1) >> relu
        >> conv4: conv(384=>384, k3, pad1, groups2) >> relu
        >> conv5: conv(384=>256, k3, pad1, groups2) >> relu >> maxpool(k3, s2)
        >> flatten >> fc6: dense(4096) >> relu >> dropout(0.5)
        >> fc7: dense(4096) >> relu >> dropout(0.5) >> fc8: dense(1000)
}
const _: () = assert!(AlexNet::PARAMS == 60_965_224);
