//! Parameters in files, in the safetensors format that PyTorch users exchange
//! (<https://huggingface.co/docs/safetensors>).

use std::collections::BTreeMap;
use std::path::Path;

use super::card::Card;
use super::file::{self, File};
use super::header::Entry;
use super::number::Number;
use super::tensors::{Held, Loaded};
use crate::element::Element;
use crate::error::Error;
use crate::model::Model;
use crate::network::Network;
use crate::outline::Outline;

/// Under which key a file says from which network it is: [`Outline::hash`].
const NETWORK: &str = "network";

impl<N> Model<N> {
    /// A model in `f32` with the parameters and running statistics of a safetensors file: as [`new`](Model::new) and then [`load`](Model::load), without the
    /// time that initialisation takes.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Model::load).
    ///
    /// # Panics
    ///
    /// Those of [`new`](Model::new).
    ///
    /// # Examples
    ///
    /// A program that tells classes and needs nothing but the file:
    ///
    /// ```
    /// use shapewright::prelude::*;
    /// use shapewright::Card;
    ///
    /// net! { pub Tiny: Image<1, 8, 8> => Vector<2> = conv(1=>4, k3) >> relu >> flatten >> out: dense(2) }
    ///
    /// # let path = std::env::temp_dir().join(format!("shapewright-open-{}.safetensors", std::process::id()));
    /// # use shapewright::data::Normalisation;
    /// # Model::new(Tiny, 1).save_with(&path, &Card::of(["cat", "dog"]).normalised(&Normalisation::<Image<1, 8, 8>>::new(&[0.5], &[0.25])?))?;
    /// let (model, card) = (Model::open(Tiny, &path)?, Card::open(&path)?);
    /// let mut picture = Tensor::from_fn(|index| index as f32 / 63.0);
    /// card.normalisation()?.apply_to_tensor(&mut picture);
    /// let said = model.predict(&picture);
    /// println!("{} ({:.0} %)", card.classes[said.class], 100.0 * said.probability);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn open(network: N, path: impl AsRef<Path>) -> Result<Self, Error>
    where
        N: Network,
    {
        let mut model = Self::holding(network, vec![0.0; N::PARAMS].into(), vec![0.0; N::STATE]);
        model.load(path)?;
        Ok(model)
    }

    /// As [`open`](Model::open), from the bytes of a file.
    ///
    /// # Errors
    ///
    /// Those of [`load_safetensors`](Model::load_safetensors).
    ///
    /// # Panics
    ///
    /// Those of [`new`](Model::new).
    pub fn from_safetensors(network: N, bytes: &[u8]) -> Result<Self, Error>
    where
        N: Network,
    {
        let mut model = Self::holding(network, vec![0.0; N::PARAMS].into(), vec![0.0; N::STATE]);
        model.load_safetensors(bytes)?;
        Ok(model)
    }
}

impl<N, E: Element> Model<N, E> {
    /// Writes all parameters and running statistics to a safetensors file, by their names and in PyTorch's layout, as `F32` or `F64` after `E`.
    /// PyTorch takes it with `load_state_dict(load_file(path), strict=True)` into an `nn.Sequential` of the same layers.
    ///
    /// The file is complete or it is not there: the values go to a temporary file beside it, which takes its place once
    /// it is safely on disk. What was at `path` before stays until then, and its permissions stay for good.
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
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error>
    where
        N: Network,
    {
        self.save_with(path, &Card::default())
    }

    /// As [`save`](Model::save), with the names of the classes and the normalisation of the input.
    ///
    /// # Errors
    ///
    /// Those of [`save`](Model::save), [`Error::Length`] and [`Error::Setting`] if the card is none for this network.
    pub fn save_with(&self, path: impl AsRef<Path>, card: &Card) -> Result<(), Error>
    where
        N: Network,
    {
        super::write(path.as_ref(), &self.to_safetensors_with(card)?)
    }

    /// Reads all parameters and running statistics from a safetensors file with exactly this network's names and dims. `F64`, `F32`, `F16` and
    /// `BF16` are converted to `E`. The `num_batches_tracked` of PyTorch's batch norms are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and what is wrong with the file: any error of
    /// [`load_safetensors`](Model::load_safetensors); the model is then as it was.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<Loaded, Error>
    where
        N: Network,
    {
        super::read(path.as_ref(), |bytes| self.load_safetensors(bytes))
    }

    /// Reads what a safetensors file has of this network's parameters and running statistics, by name and with the same dims, and leaves the others
    /// as they are: to go on from a network that has learned something else.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Model::load) but [`Error::Weights`]: what differs is told in what is returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// net! {
    ///     pub Trunk: Image<1, 8, 8> => Flat<Image<4, 6, 6>> = conv(1=>4, k3) >> relu >> flatten;
    ///     pub Ten: Image<1, 8, 8> => Vector<10> = trunk: Trunk >> head: dense(10);
    ///     pub Two: Image<1, 8, 8> => Vector<2> = trunk: Trunk >> head: dense(2)
    /// }
    ///
    /// # let path = std::env::temp_dir().join(format!("shapewright-match-{}.safetensors", std::process::id()));
    /// Model::new(Ten, 1).save(&path)?;
    /// let mut model = Model::new(Two, 2);
    /// let loaded = model.load_matching(&path)?;
    /// assert_eq!(loaded.names, ["trunk.0.weight", "trunk.0.bias"]);
    /// assert_eq!(loaded.differences[0], "`head.weight` is [10, 144], but must be [2, 144]");
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn load_matching(&mut self, path: impl AsRef<Path>) -> Result<Loaded, Error>
    where
        N: Network,
    {
        super::read(path.as_ref(), |bytes| self.take_file(bytes, false))
    }

    /// What [`save`](Model::save) writes, as bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] if a parameter is infinite or not a number.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, Error>
    where
        N: Network,
    {
        self.to_safetensors_with(&Card::default())
    }

    /// What [`save_with`](Model::save_with) writes, as bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NonFinite`] if a parameter is infinite or not a number, [`Error::Length`] and [`Error::Setting`] if the card is none for this
    /// network.
    pub fn to_safetensors_with(&self, card: &Card) -> Result<Vec<u8>, Error>
    where
        N: Network,
    {
        let tensors = self.encoded()?;
        let mut metadata = BTreeMap::from([("format".to_owned(), "pt".to_owned())]); // what other readers ask for
        metadata.insert(NETWORK.to_owned(), self.hash());
        card.check::<N>()?;
        card.write(&mut metadata);
        Ok(file::write(Number::name_of::<E>(), &tensors, &metadata))
    }

    /// Takes all parameters and running statistics from what [`to_safetensors`](Model::to_safetensors) gives.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if it is not a safetensors file, [`Error::Weights`] with every name that is missing, unexpected
    /// or of other dims, [`Error::NonFinite`] for the first value that is not a finite `E`; the model is then as it was.
    pub fn load_safetensors(&mut self, bytes: &[u8]) -> Result<Loaded, Error>
    where
        N: Network,
    {
        self.take_file(bytes, true)
    }

    fn take_file(&mut self, bytes: &[u8], strict: bool) -> Result<Loaded, Error>
    where
        N: Network,
    {
        let file = File::read(bytes)?;
        let held = |(name, entry): (&String, &Entry)| {
            let kind = entry.dtype;
            let number = Number::named(kind).ok_or_else(|| format!("{kind}, but must be F64, F32, F16 or BF16"));
            (name.clone(), Held { dims: entry.dims().to_vec(), number, bytes: file.values(entry) })
        };
        let same_network = file.metadata.get(NETWORK).map(|network| *network == self.hash());
        self.take(&file.tensors.iter().map(held).collect(), strict, same_network)
    }

    fn hash(&self) -> String
    where
        N: Network,
    {
        format!("{:016x}", Outline::of::<N::Input, N>(self.network()).hash())
    }
}
