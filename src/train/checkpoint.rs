//! All that a training has to remember, in a file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::report::Epoch;
use super::trainer::Trainer;
use crate::element::Element;
use crate::error::Error;
use crate::io::{self as files, file};
use crate::model::Model;
use crate::network::Network;
use crate::optim::Memory;

/// Which files a training keeps in its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The checkpoints of the last so many epochs.
    Last(usize),
    /// Those, and the weights of the epoch with the least held-out loss as `best.safetensors`.
    BestAndLast(usize),
}

impl<O, L, C, H> Trainer<'_, O, L, C, H> {
    /// Writes a checkpoint `epoch-0001.checkpoint`, … to `folder` after each epoch, from which [`resume`](Self::resume) goes on, and keeps
    /// those that `keep` says. The folder is made if it is not there; each file is complete or it is not there.
    #[must_use]
    pub fn checkpoint(mut self, folder: impl Into<PathBuf>, keep: Keep) -> Self {
        let resume = self.checkpoints.0.is_some_and(|kept| kept.resume);
        self.checkpoints = Checkpoints(Some(Kept { folder: folder.into(), keep, resume }));
        self
    }

    /// Goes on from the last checkpoint in the folder, as if the training had never been interrupted; from the start if there is none.
    /// To be called after [`checkpoint`](Self::checkpoint).
    #[must_use]
    pub fn resume(mut self) -> Self {
        if let Checkpoints(Some(kept)) = &mut self.checkpoints {
            kept.resume = true;
        }
        self
    }
}

/// What of a training is kept.
#[derive(Debug, Default)]
pub(super) struct Checkpoints(Option<Kept>);

#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    keep: Keep,
    resume: bool,
}

/// All that a training has to remember.
pub(super) struct State<'a, N, E: Element> {
    /// What makes it this training and no other.
    pub(super) identity: [u64; 4],
    pub(super) model: &'a mut Model<N, E>,
    pub(super) memory: &'a mut Memory<E>,
    pub(super) average: &'a mut Vec<E>,
    pub(super) history: &'a mut Vec<Epoch>,
}

/// What the numbers of a training's identity are.
const IDENTITY: [&str; 4] = ["seed", "batch_size", "accumulate", "samples"];

impl Checkpoints {
    /// Takes the state from the last checkpoint, if there is one to resume from.
    pub(super) fn load<N: Network, E: Element>(&self, state: State<'_, N, E>) -> Result<(), Error> {
        let Some(kept) = &self.0 else { return Ok(()) };
        fs::create_dir_all(&kept.folder).map_err(|source| io_error(&kept.folder, source))?;
        let last = kept.numbers()?.into_iter().max().filter(|_| kept.resume);
        let Some(path) = last.map(|number| kept.path(number)) else { return Ok(()) };
        files::read(&path, |bytes| decode(bytes, state))
    }

    /// Writes a checkpoint and removes those that need not be kept.
    pub(super) fn save<N: Network, E: Element>(&self, state: State<'_, N, E>) -> Result<(), Error> {
        let Some(kept) = &self.0 else { return Ok(()) };
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
        match &self.0 {
            Some(Kept { folder, keep: Keep::BestAndLast(_), .. }) => model.save(folder.join("best.safetensors")),
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
        let failed = |source| io_error(&self.folder, source);
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("epoch-")?.strip_suffix(".checkpoint"));
            numbers.extend(number.and_then(|number| number.parse::<usize>().ok()));
        }
        Ok(numbers)
    }
}

fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}

/// A checkpoint as a safetensors file of bytes: the model's own file in it, the optimizer's moments, the average, and numbers.
fn encode<N: Network, E: Element>(state: State<'_, N, E>) -> Result<Vec<u8>, Error> {
    let State { identity, model, memory, average, history } = state;
    let weights = model.to_safetensors()?;
    let [seed, steps] = model.noise_position();
    let numbers = [&identity[..], &[memory.steps, *seed, *steps]].concat();
    let mut tensors: Vec<(String, Vec<u8>)> = vec![
        ("model".into(), weights),
        ("numbers".into(), numbers.into_iter().flat_map(u64::to_le_bytes).collect()),
        ("history".into(), history.iter().flat_map(epoch_numbers).flat_map(f64::to_le_bytes).collect()),
    ];
    for (index, slab) in memory.moments.iter().chain([&*average]).enumerate() {
        let bytes = slab.iter().flat_map(|value| value.as_f64().to_le_bytes()).collect();
        tensors.push((format!("slab.{index}"), bytes));
    }
    let dims: Vec<[usize; 1]> = tensors.iter().map(|(_, bytes)| [bytes.len()]).collect();
    let tensors = tensors.iter().zip(&dims).map(|((name, bytes), dims)| (name.as_str(), &dims[..], bytes.clone()));
    Ok(file::write("U8", &tensors.collect::<Vec<_>>(), &BTreeMap::new()))
}

/// Takes the state from what [`encode`] gives; all of it or nothing.
fn decode<N: Network, E: Element>(bytes: &[u8], state: State<'_, N, E>) -> Result<(), Error> {
    let State { identity, model, memory, average, history } = state;
    let file = file::File::read(bytes)?;
    let tensor = |name: &str| file.tensors.get(name).map(|entry| file.values(entry)).ok_or_else(incomplete);
    let doubles = |name: &str| -> Result<Vec<f64>, Error> {
        Ok(tensor(name)?.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
    };
    let numbers: Vec<u64> = tensor("numbers")?.as_chunks().0.iter().map(|&bytes| u64::from_le_bytes(bytes)).collect();
    let &[ref there @ .., optimizer_steps, seed, steps] = numbers.as_slice() else { return Err(incomplete()) };
    if there.len() != identity.len() {
        return Err(incomplete());
    }
    let differs = |((name, &there), here): ((&'static str, &u64), u64)| {
        (there != here).then_some(Error::Resume { name, there, here })
    };
    if let Some(error) = IDENTITY.into_iter().zip(there).zip(identity).find_map(differs) {
        return Err(error);
    }
    let slabs = file.tensors.keys().filter(|name| name.starts_with("slab.")).count();
    let mut slabs = (0..slabs)
        .map(|index| Ok(doubles(&format!("slab.{index}"))?.into_iter().map(E::from_f64).collect()))
        .collect::<Result<Vec<Vec<E>>, Error>>()?;
    let kept_average = slabs.pop().ok_or_else(incomplete)?;
    if kept_average.len() != average.len() || slabs.iter().any(|moments| moments.len() != N::PARAMS) {
        return Err(incomplete());
    }
    let epochs = doubles("history")?;
    model.load_safetensors(tensor("model")?)?;
    let [model_seed, model_steps] = model.noise_position();
    (*model_seed, *model_steps) = (seed, steps);
    *memory = Memory { steps: optimizer_steps, moments: slabs };
    *average = kept_average;
    history.extend(epochs.as_chunks().0.iter().map(epoch_of));
    Ok(())
}

fn epoch_numbers(epoch: &Epoch) -> [f64; 7] {
    let &Epoch { number, epochs, loss, held_out_loss, accuracy, learning_rate, duration } = epoch;
    [number as f64, epochs as f64, loss, held_out_loss, accuracy, learning_rate, duration.as_secs_f64()]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they were whole numbers before")]
fn epoch_of(numbers: &[f64; 7]) -> Epoch {
    let &[number, epochs, loss, held_out_loss, accuracy, learning_rate, seconds] = numbers;
    let duration = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Epoch { number: number as usize, epochs: epochs as usize, loss, held_out_loss, accuracy, learning_rate, duration }
}

fn incomplete() -> Error {
    Error::Format { reason: "a checkpoint of another network, optimizer or average".into() }
}
