//! All that a training has to remember, in a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::report::Epoch;
use super::trainer::Trainer;
use crate::element::Element;
use crate::error::Error;
use crate::io::number::{self, Number};
use crate::io::{self as files, file};
use crate::model::Model;
use crate::network::Network;
use crate::optim::Memory;

/// Which files a training keeps in its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The checkpoints of the last so many epochs.
    Last(usize),
    /// Those, and the weights of the epoch with the least held-out loss as `best.safetensors`, if there are held-out samples.
    BestAndLast(usize),
}

impl<O, L, C, H> Trainer<'_, O, L, C, H> {
    /// Writes a checkpoint `epoch-0001.checkpoint`, … to `folder` after each epoch, from which [`resume`](Self::resume) goes on, and keeps
    /// those that `keep` says. The folder is made if it is not there; each file is complete or it is not there.
    ///
    /// A training that is not to be resumed wants a folder without checkpoints: [`fit`](Self::fit) refuses one of another training's, whose
    /// later epochs a resumption would take for its own.
    #[must_use]
    pub fn checkpoint(mut self, folder: impl Into<PathBuf>, keep: Keep) -> Self {
        self.checkpoints.kept = Some(Kept { folder: folder.into(), keep });
        self
    }

    /// Goes on from the last [`checkpoint`](Self::checkpoint) in the folder, as if the training had never been interrupted; from the start if
    /// there is none.
    ///
    /// It must be the same training: seed, batch size, accumulated batches, number of samples, kind of optimizer, average of weights, element
    /// type and network are compared. The number of epochs, the learning rate and other settings of the optimizer, schedule, loss, clipping,
    /// augmentation, patience and callbacks may be others from here on.
    #[must_use]
    pub fn resume(mut self) -> Self {
        self.checkpoints.resume = true;
        self
    }
}

/// What of a training is kept, and whether it goes on from there.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    kept: Option<Kept>,
    resume: bool,
}

#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    keep: Keep,
}

/// All that a training has to remember.
pub(super) struct State<'a, N, E: Element> {
    /// What makes it this training and no other.
    pub(super) identity: Vec<(&'static str, String)>,
    pub(super) model: &'a mut Model<N, E>,
    pub(super) memory: &'a mut Memory<E>,
    pub(super) average: &'a mut Vec<E>,
    pub(super) history: &'a mut Vec<Epoch>,
}

impl Checkpoints {
    /// Takes the state from the last checkpoint, if there is one to resume from.
    pub(super) fn load<N: Network, E: Element>(&self, state: State<'_, N, E>) -> Result<(), Error> {
        let Some(kept) = &self.kept else { return if self.resume { Err(Error::NoFolder) } else { Ok(()) } };
        fs::create_dir_all(&kept.folder).map_err(|source| io_error(&kept.folder, source))?;
        let last = kept.numbers()?.into_iter().max();
        if let Some(epoch) = last
            && !self.resume
        {
            return Err(Error::Checkpoints { folder: kept.folder.clone(), epoch });
        }
        kept.sweep()?;
        last.map_or(Ok(()), |epoch| files::read(&kept.path(epoch), |bytes| decode(bytes, epoch, state)))
    }

    /// Writes a checkpoint and removes those that need not be kept.
    pub(super) fn save<N: Network, E: Element>(&self, state: State<'_, N, E>) -> Result<(), Error> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let (Keep::Last(count) | Keep::BestAndLast(count)) = kept.keep;
        let number = state.history.len();
        files::write(&kept.path(number), &encode(state)?)?;
        for old in kept.numbers()?.into_iter().filter(|old| old + count.max(1) <= number) {
            let path = kept.path(old);
            fs::remove_file(&path).map_err(|source| io_error(&path, source))?;
        }
        Ok(())
    }

    /// Writes the weights of the best epoch so far.
    pub(super) fn save_best<N: Network, E: Element>(&self, model: &Model<N, E>) -> Result<(), Error> {
        match &self.kept {
            Some(Kept { folder, keep: Keep::BestAndLast(_) }) => model.save(folder.join("best.safetensors")),
            _ => Ok(()),
        }
    }
}

impl Kept {
    fn path(&self, epoch: usize) -> PathBuf {
        self.folder.join(format!("epoch-{epoch:04}.checkpoint"))
    }

    /// The epochs of which there are checkpoints.
    fn numbers(&self) -> Result<Vec<usize>, Error> {
        let number = |name: &str| name.strip_prefix("epoch-")?.strip_suffix(".checkpoint")?.parse().ok();
        Ok(self.names()?.iter().filter_map(|name| number(name)).collect())
    }

    /// Removes what a training that was killed had begun to write.
    fn sweep(&self) -> Result<(), Error> {
        for name in self.names()?.iter().filter(|name| name.starts_with(".shapewright-")) {
            let path = self.folder.join(name);
            fs::remove_file(&path).map_err(|source| io_error(&path, source))?;
        }
        Ok(())
    }

    /// The names of the files in the folder.
    fn names(&self) -> Result<Vec<String>, Error> {
        let entries = fs::read_dir(&self.folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(|source| io_error(&self.folder, source))?;
        Ok(entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }
}

fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}

/// The counts by which a training knows where it is.
const COUNTS: [&str; 4] = ["noise_seed", "noise_steps", "optimizer_steps", "moments"];

/// A checkpoint as a safetensors file of bytes: the model's own file in it, the history, the average and the optimizer's moments. Its metadata
/// says which training it is of, and where that is.
fn encode<N: Network, E: Element>(state: State<'_, N, E>) -> Result<Vec<u8>, Error> {
    let State { identity, model, memory, average, history } = state;
    let weights = model.to_safetensors()?;
    let [seed, steps] = model.noise_position();
    let counts = [*seed, *steps, memory.steps, memory.moments.len() as u64].map(|count| count.to_string());
    let metadata = identity.into_iter().chain(COUNTS.into_iter().zip(counts));
    let metadata = metadata.map(|(name, value)| (name.to_owned(), value)).collect();

    let epochs: Vec<f64> = history.iter().flat_map(epoch_numbers).collect();
    let mut names = vec!["model".to_owned(), "history".to_owned(), "average".to_owned()];
    names.extend((0..memory.moments.len() as u64).map(moments_name));
    let mut values = vec![weights, bytes_of(&epochs), bytes_of(average)];
    values.extend(memory.moments.iter().map(|moments| bytes_of(moments)));
    let dims: Vec<[usize; 1]> = values.iter().map(|bytes| [bytes.len()]).collect();
    let tensors = names.iter().zip(&dims).zip(values).map(|((name, dims), bytes)| (name.as_str(), &dims[..], bytes));
    Ok(file::write("U8", &tensors.collect::<Vec<_>>(), &metadata))
}

/// Takes the state after epoch `epoch` from what [`encode`] gives; all of it or nothing.
fn decode<N: Network, E: Element>(bytes: &[u8], epoch: usize, state: State<'_, N, E>) -> Result<(), Error> {
    let State { identity, model, memory, average, history } = state;
    let file = file::File::read(bytes)?;
    let said = |name: &str| file.metadata.get(name).ok_or_else(|| malformed(format!("it does not say its {name}")));
    for (name, here) in identity {
        let there = said(name)?.clone();
        if there != here {
            return Err(Error::Resume { name, there, here });
        }
    }
    let number = |name: &str| -> Result<u64, Error> {
        said(name)?.parse().map_err(|_| malformed(format!("its {name} is not a whole number")))
    };
    let [seed, steps, optimizer_steps, moments] = COUNTS.map(number);
    let (seed, steps, optimizer_steps, moments) = (seed?, steps?, optimizer_steps?, moments?);
    let tensor = |name: &str| {
        let entry = file.tensors.get(name).ok_or_else(|| malformed(format!("there is no `{name}`")))?;
        Ok::<_, Error>(file.values(entry))
    };
    let numbers: Vec<f64> = elements("history", tensor("history")?, epoch.saturating_mul(EPOCH))?;
    let epochs: Vec<Epoch> = numbers.as_chunks().0.iter().map(epoch_of).collect();
    if let Some((position, found)) = epochs.iter().enumerate().find(|(position, epoch)| epoch.number != position + 1) {
        return Err(malformed(format!("epoch {} of its history says that it is epoch {}", position + 1, found.number)));
    }
    let kept_average = elements("average", tensor("average")?, average.len())?;
    let moments = (0..moments).map(|index| {
        let name = moments_name(index);
        elements(&name, tensor(&name)?, N::PARAMS)
    });
    let moments = moments.collect::<Result<Vec<Vec<E>>, Error>>()?;
    model.load_safetensors(tensor("model")?)?;
    let [model_seed, model_steps] = model.noise_position();
    (*model_seed, *model_steps) = (seed, steps);
    *memory = Memory { steps: optimizer_steps, moments };
    *average = kept_average;
    *history = epochs;
    Ok(())
}

fn moments_name(index: u64) -> String {
    format!("moments.{index}")
}

fn bytes_of<E: Element>(elements: &[E]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(elements));
    number::encode(elements, &mut bytes);
    bytes
}

/// What [`bytes_of`] made bytes of, if they are so many elements; not all need be finite.
fn elements<E: Element>(name: &str, bytes: &[u8], count: usize) -> Result<Vec<E>, Error> {
    let (expected, found) = (count.saturating_mul(size_of::<E>()), bytes.len());
    if expected != found {
        return Err(malformed(format!("`{name}` must be {expected} bytes, but is {found}")));
    }
    Ok(match Number::name_of::<E>() {
        "F32" => bytes.as_chunks().0.iter().map(|&bytes| E::from_f64(f32::from_le_bytes(bytes).into())).collect(),
        _ => bytes.as_chunks().0.iter().map(|&bytes| E::from_f64(f64::from_le_bytes(bytes))).collect(),
    })
}

/// How many numbers an epoch is.
const EPOCH: usize = 8;

fn epoch_numbers(epoch: &Epoch) -> [f64; EPOCH] {
    let &Epoch { number, epochs, loss, training_accuracy, held_out_loss, accuracy, learning_rate, duration } = epoch;
    let counts = [number, epochs].map(|count| count as f64);
    [counts[0], counts[1], loss, training_accuracy, held_out_loss, accuracy, learning_rate, duration.as_secs_f64()]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they were whole numbers before")]
fn epoch_of(numbers: &[f64; EPOCH]) -> Epoch {
    let &[number, epochs, loss, training_accuracy, held_out_loss, accuracy, learning_rate, seconds] = numbers;
    Epoch {
        number: number as usize,
        epochs: epochs as usize,
        loss,
        training_accuracy,
        held_out_loss,
        accuracy,
        learning_rate,
        duration: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
    }
}

fn malformed(reason: String) -> Error {
    Error::Format { reason }
}
