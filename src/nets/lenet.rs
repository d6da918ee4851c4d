//! LeNet-5 and what became of it.

use crate::net;

net! {
    /// LeNet-5 with the activations and the means of its time, for digits in the middle of 32×32.
    ///
    /// As in the paper but for three things that nobody does any more: C3 sees all maps of S2, the means of S2 and S4 have no
    /// coefficients of their own, and the output is dense where the paper has distances to drawn letters.
    ///
    /// LeCun et al., *Gradient-Based Learning Applied to Document Recognition*, 1998.
    ///
    /// # Shapes
    ///
    /// `Image<1, 32, 32>` → `Vector<10>`, logits.
    pub LeNet5: Image<1, 32, 32> => Vector<10> =
        c1: conv(1=>6, k5) >> tanh >> s2: avgpool(k2)
        >> c3: conv(6=>16, k5) >> tanh >> s4: avgpool(k2)
        >> c5: conv(16=>120, k5) >> tanh >> flatten
        >> f6: dense(84) >> tanh >> output: dense(10)
}
const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::MACS == 416_520);

net! {
    /// LeNet-5 as it is taught today: rectifiers, maxima, and digits of 28×28 with zeros around.
    ///
    /// # Shapes
    ///
    /// `Image<1, 28, 28>` → `Vector<10>`, logits.
    pub LeNet: Image<1, 28, 28> => Vector<10> =
        conv1: conv(1=>6, k5, pad2) >> relu >> pool2
        >> conv2: conv(6=>16, k5) >> relu >> pool2
        >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> fc3: dense(10)
}
const _: () = assert!(LeNet::PARAMS == 61_706 && LeNet::MACS == 416_520);
