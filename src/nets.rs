//! Networks by name: each one `net!` item, as a page can show it.
//!
//! Feature `nets`. A network here is its declaration and nothing else: take it as it is, as a stage of another network
//! (`AlexNet >> dense(10)`), or its source as the beginning of your own.
//!
//! | network | input | classes | parameters | for |
//! | --- | --- | ---: | ---: | --- |
//! | [`SimpleConvNet`] | 1×28×28 | 10 | 433,890 | Saitoh's *Deep Learning from Scratch* |
//! | [`ThreeLayerConvNet`] | 3×32×32 | 10 | 825,046 | the assignments of CS231n |
//! | [`LeNet5`] | 1×32×32 | 10 | 61,706 | digits, as in 1998 |
//! | [`LeNet`] | 1×28×28 | 10 | 61,706 | digits, as it is taught today |
//! | [`AlexNet`] | 3×227×227 | 1,000 | 60,965,224 | ImageNet |
//! | [`Vgg16Bn`] | 3×224×224 | 1,000 | 138,365,992 | ImageNet |
//! | [`ResNet18`] | 3×224×224 | 1,000 | 11,689,512 | ImageNet |
//! | [`ResNet20`] | 3×32×32 | 10 | 269,722 | CIFAR-10 |
//! | [`MobileNetV1`] | 3×224×224 | 1,000 | 4,231,976 | ImageNet, on a telephone |
//! | [`MobileNetV1Quarter`] | 3×96×96 | 2 | 213,586 | whether somebody is there, on a microcontroller |
//! | [`Inception3a`] | 192×28×28 | – | 163,696 | a block of GoogLeNet |
//! | [`UNet`] | 1×64×64 | 2 a pixel | 116,770 | segmentation |
//! | [`TcResNet8`] | 40×98 | 12 | 65,168 | spoken words |
//!
//! What their parameters are called, and what torchvision calls them, stands in
//! [docs/networks.md](https://github.com/shapewright/shapewright/blob/main/docs/networks.md).
//!
//! # Examples
//!
//! ```
//! use shapewright::nets::LeNet;
//! use shapewright::prelude::*;
//!
//! let mut model = Model::new(LeNet, 42);
//! let images = Batch::<Image<1, 28, 28>>::zeros(4);
//! model.step(&images, &Labels::new(&[7, 2, 1, 0])?, &CrossEntropy, &mut Adam::new(1e-3))?;
//! # Ok::<(), shapewright::Error>(())
//! ```

mod alexnet;
mod course;
mod inception;
mod keyword;
mod lenet;
mod mobilenet;
mod resnet;
mod unet;
mod vgg;

pub use alexnet::AlexNet;
pub use course::{SimpleConvNet, ThreeLayerConvNet};
pub use inception::Inception3a;
pub use keyword::TcResNet8;
pub use lenet::{LeNet, LeNet5};
pub use mobilenet::{MobileNetV1, MobileNetV1Quarter};
pub use resnet::{ResNet18, ResNet20};
pub use unet::UNet;
pub use vgg::Vgg16Bn;
