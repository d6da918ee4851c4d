//! The block of GoogLeNet.

use crate::net;

net! {
    /// The first Inception block of GoogLeNet, 3a: four looks at the same maps, beside each other.
    ///
    /// torchvision's `inception3a` has batch norms and 3×3 where the paper has 5×5.
    ///
    /// Szegedy et al., *Going Deeper with Convolutions*, 2014, <https://arxiv.org/abs/1409.4842>, table 1.
    ///
    /// # Shapes
    ///
    /// `Image<192, 28, 28>` → `Image<256, 28, 28>`.
    pub Inception3a: Image<192, 28, 28> => Image<256, 28, 28> =
        inception3a: concat(
            conv(64, k1) >> relu
            | conv(96, k1) >> relu >> conv(128, k3, pad1) >> relu
            | conv(16, k1) >> relu >> conv(32, k5, pad2) >> relu
            | maxpool(k3, s1, pad1) >> conv(32, k1) >> relu
        )
}
const _: () = assert!(Inception3a::PARAMS == 163_696);
