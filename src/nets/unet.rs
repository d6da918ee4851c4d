//! The U-net.

use crate::net;

net! {
    /// A U-net of two levels: down to a quarter of the size and up again, and at each level what was seen on the way down put
    /// beside what comes up.
    ///
    /// As the paper's network in small, with zeros around its convolutions so that each pixel of the input gets its classes.
    ///
    /// Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation*, 2015,
    /// <https://arxiv.org/abs/1505.04597>.
    ///
    /// # Shapes
    ///
    /// `Image<1, 64, 64>` → `Image<2, 64, 64>`, logits of two classes for each pixel.
    pub UNet: Image<1, 64, 64> => Image<2, 64, 64> =
        down1: (conv(1=>16, k3, pad1) >> relu >> conv(16, k3, pad1) >> relu)
        >> skip1: concat(
            identity
            | pool2 >> down2: (conv(32, k3, pad1) >> relu >> conv(32, k3, pad1) >> relu)
            >> skip2: concat(
                identity
                | pool2 >> conv(64, k3, pad1) >> relu >> conv(64, k3, pad1) >> relu >> up: conv_transpose(64=>32, k2, s2)
            )
            >> up2: (conv(64=>32, k3, pad1) >> relu >> conv(32, k3, pad1) >> relu)
            >> up: conv_transpose(32=>16, k2, s2)
        )
        >> up1: (conv(32=>16, k3, pad1) >> relu >> conv(16, k3, pad1) >> relu)
        >> classes: conv(2, k1)
}
const _: () = assert!(UNet::PARAMS == 116_770);
