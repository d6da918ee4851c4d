//! The networks of a book and of a course: one convolution.

use crate::net;

net! {
    /// One convolution of 30 filters and two dense layers, for digits: what a first network can do, 99 % of MNIST.
    ///
    /// Koki Saitoh, *Deep Learning from Scratch* (ゼロから作るDeep Learning), 2016, chapter 7.
    ///
    /// # Shapes
    ///
    /// `Image<1, 28, 28>` → `Vector<10>`, logits.
    pub SimpleConvNet: Image<1, 28, 28> => Vector<10> =
        conv1: conv(1=>30, k5) >> relu >> pool2
        >> flatten >> fc1: dense(100) >> relu >> fc2: dense(10)
}
const _: () = assert!(SimpleConvNet::PARAMS == 433_890);

net! {
    /// One convolution of 32 filters that keeps the size, and two dense layers, for CIFAR-10.
    ///
    /// Stanford CS231n, assignment 2: `ThreeLayerConvNet` with its default sizes.
    ///
    /// # Shapes
    ///
    /// `Image<3, 32, 32>` → `Vector<10>`, logits.
    pub ThreeLayerConvNet: Image<3, 32, 32> => Vector<10> =
        conv1: conv(3=>32, k7, pad3) >> relu >> pool2
        >> flatten >> fc1: dense(100) >> relu >> fc2: dense(10)
}
const _: () = assert!(ThreeLayerConvNet::PARAMS == 825_046);
