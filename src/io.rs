//! Parameters in files, in the safetensors format that PyTorch users exchange
//! (<https://huggingface.co/docs/safetensors>).

use core::any::type_name;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::Path;

use safetensors::{Dtype, SafeTensorError, SafeTensors, View};

use crate::element::Element;
use crate::error::Error;
use crate::model::Model;
use crate::network::Network;
use crate::param::Param;

impl<N: Network, E: Element> Model<N, E> {
    /// Writes all parameters and running statistics to a safetensors file, by their names and in PyTorch's layout, as `F32` or `F64` after `E`.
    ///
    /// The file is complete or it is not there: the values go to a temporary file beside it, which takes its place once
    /// it is safely on disk. What was at `path` before stays until then.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, [`Error::NonFinite`] if a parameter is infinite or not a number; the file is then as
    /// it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> flatten >> out: dense(3) }
    ///
    /// # let path = std::env::temp_dir().join(format!("shapewright-{}.safetensors", std::process::id()));
    /// let trained = Model::new(Tiny, 1);
    /// trained.save(&path)?;
    ///
    /// let mut fresh = Model::new(Tiny, 2);
    /// fresh.load(&path)?;
    /// assert_eq!(fresh.parameters(), trained.parameters());
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        replace(path, &self.to_safetensors()?).map_err(|source| Error::Io { path: path.to_owned(), source })
    }

    /// Reads all parameters and running statistics from a safetensors file with exactly this network's names and dims. `F32` and `F64` are
    /// rounded to `E`. The `num_batches_tracked` of PyTorch's batch norms are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and what is wrong with the file: any error of
    /// [`load_safetensors`](Model::load_safetensors); the model is then as it was.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let refused = |source| Error::File { path: path.to_owned(), source: Box::new(source) };
        self.load_safetensors(&bytes).map_err(refused)
    }

    /// What [`save`](Model::save) writes, as bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] if a parameter is infinite or not a number.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, Error> {
        for Param { name, values, .. } in self.stored() {
            for value in finite::<E>(name, values.iter().map(|value| value.as_f64())) {
                value?;
            }
        }
        safetensors::serialize(self.stored().map(|param| (param.name, Stored(param))), None).map_err(malformed)
    }

    /// Takes all parameters and running statistics from what [`to_safetensors`](Model::to_safetensors) gives.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if it is not a safetensors file, [`Error::Weights`] with every name that is missing, unexpected
    /// or of other dims, [`Error::NonFinite`] for the first value that is not a finite `E`; the model is then as it was.
    pub fn load_safetensors(&mut self, bytes: &[u8]) -> Result<(), Error> {
        check_numbers(bytes)?;
        let file = SafeTensors::deserialize(bytes).map_err(malformed)?;
        let differences = differences(self, &file);
        if !differences.is_empty() {
            return Err(Error::Weights { differences });
        }
        let mut values = Vec::with_capacity(N::PARAMS + N::STATE);
        for Param { name, .. } in self.stored() {
            let stored = file.tensor(name).map_err(malformed)?;
            for value in finite(name, decode(stored.dtype(), stored.data())) {
                values.push(value?);
            }
        }
        let (parameters, state) = values.split_at(N::PARAMS);
        self.parameters_mut().copy_from_slice(parameters);
        self.state_mut().copy_from_slice(state);
        Ok(())
    }

    /// Everything that a file holds: parameters, then running statistics.
    fn stored(&self) -> impl Iterator<Item = Param<'_, E>> {
        self.params().chain(self.statistics())
    }
}

/// A parameter as safetensors wants to see it.
struct Stored<'a, E>(Param<'a, E>);

impl<E: Element> View for Stored<'_, E> {
    fn dtype(&self) -> Dtype {
        if size_of::<E>() == size_of::<f32>() { Dtype::F32 } else { Dtype::F64 }
    }

    fn shape(&self) -> &[usize] {
        self.0.dims
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let values = self.0.values.iter().map(|value| value.as_f64());
        match self.dtype() {
            Dtype::F32 => values.flat_map(|value| f32::from_f64(value).to_le_bytes()).collect(),
            _ => values.flat_map(f64::to_le_bytes).collect(),
        }
    }

    fn data_len(&self) -> usize {
        size_of_val(self.0.values)
    }
}

/// The numbers in the bytes of an `F32` or `F64` tensor.
fn decode(dtype: Dtype, bytes: &[u8]) -> impl Iterator<Item = f64> {
    let (singles, doubles) = if dtype == Dtype::F32 { (bytes, &[][..]) } else { (&[][..], bytes) };
    let singles = singles.as_chunks().0.iter().map(|&bytes| f64::from(f32::from_le_bytes(bytes)));
    singles.chain(doubles.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)))
}

/// The numbers as elements, or which of them is none.
fn finite<E: Element>(name: &str, values: impl Iterator<Item = f64>) -> impl Iterator<Item = Result<E, Error>> {
    values.enumerate().map(move |(position, value)| {
        let element = E::from_f64(value);
        if element.is_finite() {
            Ok(element)
        } else {
            Err(Error::NonFinite { name: name.to_owned(), position, value, element: type_name::<E>() })
        }
    })
}

/// Everything in which a file's names, dims and types differ from the model's.
fn differences<N: Network, E: Element>(model: &Model<N, E>, file: &SafeTensors) -> Vec<String> {
    let mut differences = Vec::new();
    for Param { name, dims, .. } in model.stored() {
        match file.tensor(name) {
            Err(_) => differences.push(format!("`{name}` {dims:?} is missing")),
            Ok(stored) if stored.shape() != dims => {
                differences.push(format!("`{name}` is {:?}, but must be {dims:?}", stored.shape()));
            }
            Ok(stored) if !matches!(stored.dtype(), Dtype::F32 | Dtype::F64) => {
                differences.push(format!("`{name}` is of type {}, but must be F32 or F64", stored.dtype()));
            }
            Ok(_) => {}
        }
    }
    let known: HashSet<&str> = model.stored().map(|param| param.name).collect();
    let counter = |name: &str| {
        // PyTorch counts the batches that a batch norm has seen; nothing here depends on it.
        name.strip_suffix("num_batches_tracked").is_some_and(|stage| known.contains(&*format!("{stage}running_mean")))
    };
    let unexpected = file.iter().filter(|(name, _)| !known.contains(name) && !counter(name));
    let mut unexpected: Vec<String> =
        unexpected.map(|(name, stored)| format!("`{name}` {:?} is unexpected", stored.shape())).collect();
    unexpected.sort_unstable();
    differences.append(&mut unexpected);
    differences
}

/// Refuses a header with a number too long for any file: `SafeTensors::deserialize` adds to them without a check, so that
/// a debug build would overflow.
fn check_numbers(bytes: &[u8]) -> Result<(), Error> {
    const LONGEST: usize = 18;
    let length = bytes.first_chunk().map_or(0, |&length| u64::from_le_bytes(length));
    let header = bytes.iter().skip(size_of::<u64>()).take(usize::try_from(length).unwrap_or(usize::MAX));
    let mut digits = 0;
    for byte in header {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        if digits > LONGEST {
            return Err(Error::Format { reason: format!("a number of more than {LONGEST} digits in the header") });
        }
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands the error over")]
fn malformed(error: SafeTensorError) -> Error {
    Error::Format { reason: error.to_string() }
}

/// Puts `bytes` at `path` by way of a temporary file beside it: a crash leaves the old file or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let unique = RandomState::new().build_hasher().finish();
    let temporary = folder.join(format!(".shapewright-{unique:016x}"));
    let written = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary); // the first error is the one to report
    }
    written?;
    sync_folder(folder)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a renaming last.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
