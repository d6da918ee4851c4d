//! Training: epochs of steps, validation, schedules, checkpoints.
//!
//! [`Trainer`] runs a training; a [`Schedule`] says how large its steps are, a [`Callback`] is told how it goes, [`evaluate`]
//! says how good a model is.

mod callback;
mod changes;
#[cfg(feature = "safetensors")]
mod checkpoint;
#[cfg(not(feature = "safetensors"))]
#[path = "train/no_checkpoint.rs"]
mod checkpoint;
mod checks;
mod csv;
mod evaluation;
mod held_out;
#[cfg(feature = "progress")]
mod progress;
mod report;
mod run;
mod schedule;
#[cfg(feature = "tensorboard")]
mod tensorboard;
mod trainer;

pub use callback::{Callback, Nobody, Onlooker, Plan, Step};
pub use changes::{AsTheyAre, Augmenting, Changes};
#[cfg(feature = "safetensors")]
pub use checkpoint::Keep;
pub use checks::{GradientCheck, find_learning_rate, gradcheck, initial_loss, overfit};
pub use csv::Csv;
#[cfg(feature = "plot")]
pub(crate) use evaluation::answer;
pub use evaluation::{Evaluation, accuracy, evaluate};
pub use held_out::{Behind, HeldOut, LossFor, Measure};
pub use report::{Epoch, Report, Stopped};
pub use schedule::{
    Constant, Cosine, Exponential, Moment, MultiStep, OneCycle, ReduceOnPlateau, Schedule, StepDecay, Warmup,
};
#[cfg(feature = "tensorboard")]
pub use tensorboard::TensorBoard;
pub use trainer::{Patience, Trainer};
