//! What can go wrong with what a user brings: one error type, the numbers in it.

use core::fmt;

use crate::data::Place;
use crate::trace::Origin;

/// An error about data, names or files that came from outside. Its `Debug` is its `Display`, so that a `main` that returns it prints a sentence.
#[non_exhaustive]
pub enum Error {
    /// Values were given for a shape of another length.
    Length {
        /// How many values the shape and the number of samples ask for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A label is not a class.
    Label {
        /// Which of the labels, counted from 0.
        position: usize,
        /// The label.
        label: usize,
        /// The number of classes.
        classes: usize,
    },
    /// A batch and its targets differ in number.
    Samples {
        /// Samples in the batch.
        batch: usize,
        /// Targets.
        targets: usize,
    },
    /// A batch has no samples, so it has no mean loss.
    EmptyBatch,
    /// The loss is infinite or not a number; the parameters are as before the step.
    NonFiniteLoss {
        /// The loss.
        loss: f64,
        /// What was the first that is not finite; `None` if it is only the sum.
        origin: Option<Origin>,
    },
    /// A parameter's gradient is infinite or not a number; the parameters are as before the step.
    NonFiniteGradient {
        /// The parameter.
        name: String,
        /// Which of its values, counted from 0.
        position: usize,
        /// The value.
        value: f64,
        /// What was the first that is not finite; `None` if it is only a sum over samples.
        origin: Option<Origin>,
    },
    /// The loss of held-out samples is infinite or not a number after an epoch.
    NonFiniteHeldOutLoss {
        /// The loss.
        loss: f64,
        /// What was the first that is not finite; `None` if it is only the sum.
        origin: Option<Origin>,
    },
    /// A step of a training failed, or what it left.
    Step {
        /// Which epoch, counted from 1.
        epoch: usize,
        /// Which step of the epoch, counted from 1.
        step: usize,
        /// Why.
        source: Box<Error>,
    },
    /// A checkpoint is of a training with other settings.
    Resume {
        /// The setting.
        name: &'static str,
        /// Its value in the checkpoint.
        there: String,
        /// Its value now.
        here: String,
    },
    /// A training that begins anew is to write its checkpoints where those of another are.
    Checkpoints {
        /// The folder.
        folder: std::path::PathBuf,
        /// The last epoch of which there is one.
        epoch: usize,
    },
    /// A training is to be resumed, but has no folder with checkpoints.
    NoFolder,
    /// There is no parameter of this name.
    UnknownParameter {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// An optimizer that has moved one network is used on another.
    Moments {
        /// How many moments the optimizer keeps.
        moments: usize,
        /// How many parameters it is asked to move.
        parameters: usize,
    },
    /// A setting is outside of its range.
    Setting {
        /// What was set.
        name: &'static str,
        /// To which value.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
    /// A file's parameters are not those of the network.
    Weights {
        /// Everything that differs, one line each.
        differences: Vec<String>,
    },
    /// A parameter or running statistic, trained or stored, is infinite or not a number in the network's element type.
    NonFinite {
        /// The parameter.
        name: String,
        /// Which of its values, counted from 0.
        position: usize,
        /// The value.
        value: f64,
        /// The element type: `f32` or `f64`.
        element: &'static str,
    },
    /// What a sample is of each class is not a probability for each.
    Probabilities {
        /// Which of the samples, counted from 0.
        position: usize,
        /// The least of its probabilities.
        least: f64,
        /// Their sum.
        sum: f64,
    },
    /// A split asks for more samples than there are.
    Split {
        /// Samples that the first part is to have.
        first: usize,
        /// Samples that there are.
        samples: usize,
    },
    /// A data set does not have as many classes as its type says.
    Classes {
        /// How many the type says.
        expected: usize,
        /// The names of those that there are.
        found: Vec<String>,
    },
    /// A file of a known data set is not where it was looked for. Nothing is downloaded.
    Missing {
        /// The data set's official name, and where it is published.
        dataset: &'static str,
        /// The file's name in it.
        file: &'static str,
        /// Every path that was tried.
        tried: Vec<std::path::PathBuf>,
    },
    /// A number that a data file states is not what it must be.
    Mismatch {
        /// Where it stands.
        place: Place,
        /// What it counts.
        what: &'static str,
        /// What it must be.
        expected: u64,
        /// What it is.
        found: u64,
    },
    /// A data file cannot be read any further.
    Malformed {
        /// Where.
        place: Place,
        /// Why.
        reason: String,
    },
    /// A file is not what it claims to be.
    Format {
        /// What is wrong with it.
        reason: String,
    },
    /// What was read from a file is refused.
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: Box<Error>,
    },
    /// Reading or writing failed.
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, found } => write!(f, "the number of values must be {expected}, but is {found}"),
            Self::Label { position, label, classes } => {
                write!(
                    f,
                    "label {label} at position {position} is not one of {classes} classes, 0 to {}",
                    classes.saturating_sub(1)
                )
            }
            Self::Samples { batch, targets } => {
                write!(f, "the number of samples is {batch}, but the number of targets is {targets}")
            }
            Self::EmptyBatch => write!(f, "a batch of 0 samples has no loss"),
            Self::NonFiniteLoss { loss, origin } => {
                write!(f, "the loss is {loss}; ")?;
                write_origin(f, origin.as_ref())?;
                write!(f, "the parameters are left as before the step; a smaller learning rate may help")
            }
            Self::NonFiniteGradient { name, position, value, origin } => {
                write!(f, "the gradient of `{name}` is {value} at position {position}; ")?;
                write_origin(f, origin.as_ref())?;
                write!(f, "the parameters are left as before the step")
            }
            Self::NonFiniteHeldOutLoss { loss, origin } => {
                write!(f, "the loss of the held-out samples is {loss} after it; ")?;
                write_origin(f, origin.as_ref())?;
                write!(f, "a smaller learning rate may help")
            }
            Self::Step { epoch, step, source } => write!(f, "step {step} of epoch {epoch}: {source}"),
            Self::Resume { name, there, here } => {
                write!(f, "the checkpoint is of another training: its {name} is {there}, but here it is {here}")
            }
            Self::Checkpoints { folder, epoch } => {
                let folder = folder.display();
                write!(
                    f,
                    "{folder} has a checkpoint of epoch {epoch}: go on from it by `.resume()`, or choose another folder"
                )
            }
            Self::NoFolder => {
                write!(f, "`.resume()` needs a folder with checkpoints: add `.checkpoint(folder, Keep::Last(1))`")
            }
            Self::UnknownParameter { name, known } => {
                write!(f, "there is no parameter `{name}`; there are: {}", known.join(", "))
            }
            Self::Moments { moments, parameters } => {
                write!(
                    f,
                    "the optimizer has moments for {moments} parameters, but is used on {parameters}; make a new one for each network"
                )
            }
            Self::Setting { name, value, allowed } => write!(f, "{name} is {value}, but must be {allowed}"),
            Self::Weights { differences } => {
                write!(f, "the file's parameters are not the network's: {}", differences.join("; "))
            }
            Self::NonFinite { name, position, value, element } => {
                write!(f, "`{name}` is {value:?} at position {position}, but must be a finite {element}")
            }
            Self::Probabilities { position, least, sum } => {
                write!(
                    f,
                    "the probabilities at position {position} must be at least 0 and add up to 1, but the least is {least} and the sum {sum}"
                )
            }
            Self::Split { first, samples } => {
                write!(f, "the first part of a split must be at most {samples} samples, but is {first}")
            }
            Self::Classes { expected, found } => {
                write!(f, "the number of classes must be {expected}, but is {}: {}", found.len(), found.join(", "))
            }
            Self::Missing { dataset, file, tried } => {
                let tried: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
                write!(f, "`{file}` of {dataset} is not there; looked for {}", tried.join(", "))
            }
            Self::Mismatch { place, what, expected, found } => {
                write!(f, "{place}: {what} must be {expected}, but is {found}")
            }
            Self::Malformed { place, reason } => write!(f, "{place}: {reason}"),
            Self::Format { reason } => write!(f, "malformed file: {reason}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

fn write_origin(f: &mut fmt::Formatter<'_>, origin: Option<&Origin>) -> fmt::Result {
    origin.map_or(Ok(()), |origin| write!(f, "{origin}; "))
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Step { source, .. } => Some(source),
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Fails with both numbers if a count of values is not the expected one.
pub(crate) fn check_length(expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { expected, found }) }
}
