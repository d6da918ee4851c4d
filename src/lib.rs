//! Convolutional networks in one line, every shape checked by the compiler.
//!
//! ```
//! use shapewright::prelude::*;
//!
//! net! { pub LeNet: Image<1, 28, 28> => Vector<10> =
//!     conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
//!     >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10) }
//!
//! const _: () = assert!(LeNet::PARAMS == 61_706 && LeNet::MACS == 416_520);
//!
//! let mut model = Model::new(LeNet, 42);
//! let images = Batch::<Image<1, 28, 28>>::zeros(4);
//! let logits: Batch<Vector<10>> = model.forward(&images);
//! let loss = model.step(&images, &Labels::new(&[7, 2, 1, 0])?, &CrossEntropy, &mut Adam::new(1e-3))?;
//! # Ok::<(), shapewright::Error>(())
//! ```
//!
//! A wrong joint is an error at `cargo check`, at the token that is wrong, with the numbers and a way out:
//!
//! ```compile_fail
//! # use shapewright::prelude::*;
//! net! { pub Wrong: Image<3, 32, 32> => Vector<10> =
//!     conv(3=>32, k5, pad2) >> relu >> pool2 >> conv(16=>64, k3) >> flatten >> dense(10) }
//! ```
//!
//! Five nouns are everywhere: a [`Shape`] is the type of one sample, a [`Layer`] a typed function on
//! slices, a [`Network`] a layer with a fixed input shape, a [`Model`] a network with its numbers, a [`Batch`] some
//! samples. [`net!`] documents the language.
#![deny(unsafe_code)]

pub mod augment;
pub mod data;
pub mod dsl;
pub mod kernels;
pub mod layer;
pub mod layers;
#[cfg(feature = "nets")]
pub mod nets;
pub mod optim;
#[cfg(feature = "plot")]
pub mod plot;
pub mod prelude;
pub mod reference;
pub mod shape;
pub mod train;

mod activation;
mod batch;
mod branch;
mod budget;
#[cfg(all(feature = "compiled", debug_assertions, not(test)))]
mod compiled;
mod diagram;
mod element;
mod error;
mod exec;
mod facts;
mod figures;
mod fold;
mod fresh;
mod gradients;
mod init;
mod io;
mod labels;
mod layout;
mod loss;
mod misplaced;
mod model;
mod net;
mod network;
mod noise;
mod outline;
mod parallel;
mod param;
mod plan;
mod pool;
mod preparation;
mod prepared;
mod scratch;
#[cfg(feature = "serde")]
mod serde;
mod slots;
mod soft_labels;
mod tensor;
mod text;
mod tile;
mod trace;
mod watch;

pub use activation::Activation;
pub use batch::Batch;
#[doc(hidden)]
pub use budget::Budget;
pub use element::Element;
pub use error::Error;
#[doc(hidden)]
pub use facts::Facts;
pub use figures::Figures;
pub use gradients::Gradients;
pub use init::Init;
#[cfg(any(feature = "safetensors", feature = "data"))]
pub use io::Loaded;
#[cfg(feature = "safetensors")]
#[doc(hidden)]
pub use io::embed as embedded;
#[cfg(feature = "safetensors")]
pub use io::{Card, Embedded};
pub use labels::Labels;
pub use layer::Layer;
pub use layers::*;
pub use loss::{
    BinaryCrossEntropy, ClassWeights, CrossEntropy, Even, Huber, Loss, MeanAbsoluteError, MeanSquaredError,
    NegativeLogLikelihood, Penalised, Pointwise, Summed,
};
#[doc(hidden)]
pub use misplaced::*;
pub use model::{Model, OutputOf, Prediction};
#[doc(hidden)]
pub use network::InParentheses;
pub use network::{Checked, Declared, Fix, Joints, Network, On, OrNothing, Sound, Then, Unchecked};
pub use noise::{Draws, Noise};
pub use outline::{Outline, Parameter, Stage};
pub use param::{Param, ParamMut};
pub use plan::{Cost, Join, Plan};
pub use scratch::Scratch;
pub use shape::transposed::OutputPad;
pub use shape::window::{Ceil, Dilation, Floor, Groups, Kernel, NoGroups, Pad, PadSides, Same, Stride};
pub use shape::{Flat, Image, Sequence, Shape, Vector};
pub use slots::{Slot, Slots};
pub use soft_labels::SoftLabels;
pub use tensor::Tensor;
pub use trace::Origin;
pub use watch::Seen;

#[doc(hidden)]
pub use shapewright_macros as __macros;

/// The programs of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
