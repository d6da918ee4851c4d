//! What a program needs besides the weights to use a network.

use std::collections::BTreeMap;
use std::path::Path;

use super::file::File;
use super::text::{Cursor, Fault, Text, quoted};
use crate::data::Normalisation;
use crate::error::{Error, check_length};
use crate::model::OutputOf;
use crate::network::Network;
use crate::shape::Shape;

/// What a file of weights says besides them: the names of the classes, and how the input was normalised in training.
///
/// Each list may be empty. [`Model::save_with`](crate::Model::save_with) writes it into the file's metadata, under `classes`, `mean` and `deviation`,
/// as JSON.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::Card;
/// use shapewright::data::Normalisation;
///
/// let normalisation = Normalisation::<Image<3, 4, 4>>::new(&[0.5], &[0.25])?;
/// let card = Card::of(["cat", "dog"]).normalised(&normalisation);
/// let model = Model::new(net!(Image<3, 4, 4> => flatten >> dense(2)), 1);
/// let bytes = model.to_safetensors_with(&card)?;
/// assert_eq!(Card::from_safetensors(&bytes)?, card);
///
/// let mut picture = Tensor::<Image<3, 4, 4>>::from_fn(|_| 1.0);
/// card.normalisation()?.apply_to_tensor(&mut picture);
/// assert_eq!(picture.as_slice(), [2.0; 48]);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// The name of each class.
    pub classes: Vec<String>,
    /// What is subtracted from the input: one number for each channel, or one for all.
    pub mean: Vec<f64>,
    /// By what the input is divided then: as many numbers as `mean`.
    pub deviation: Vec<f64>,
}

impl Card {
    /// A card with the names of the classes.
    pub fn of<Name: Into<String>>(classes: impl IntoIterator<Item = Name>) -> Self {
        Self { classes: classes.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The card with the normalisation that the training data had.
    #[must_use]
    pub fn normalised<S: Shape>(self, normalisation: &Normalisation<S>) -> Self {
        Self { mean: normalisation.mean().to_vec(), deviation: normalisation.deviation().to_vec(), ..self }
    }

    /// The card in a file, empty where the file has none.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and an [`Error::Format`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        super::read(path.as_ref(), Self::from_safetensors)
    }

    /// As [`open`](Card::open), from the bytes of a file.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if it is not a safetensors file, or its metadata are no card.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, Error> {
        Self::of_metadata(&File::read(bytes)?.metadata)
    }

    /// The card in the metadata of a file.
    pub(crate) fn of_metadata(metadata: &BTreeMap<String, String>) -> Result<Self, Error> {
        let names = |text: Text| Some(text.to_string());
        Ok(Self {
            classes: list(metadata, "classes", |cursor| cursor.string().map(names))?,
            mean: list(metadata, "mean", real)?,
            deviation: list(metadata, "deviation", real)?,
        })
    }

    /// How the input is normalised; where the card does not say, that which changes nothing.
    ///
    /// # Errors
    ///
    /// Those of [`Normalisation::new`]: the card's numbers are none for inputs of this shape.
    pub fn normalisation<S: Shape>(&self) -> Result<Normalisation<S>, Error> {
        if self.mean.is_empty() && self.deviation.is_empty() {
            return Ok(Normalisation::default());
        }
        Normalisation::new(&self.mean, &self.deviation)
    }

    /// Fails if the card is none for `N`.
    pub(crate) fn check<N: Network>(&self) -> Result<(), Error> {
        if !self.classes.is_empty() {
            check_length(OutputOf::<N>::LEN, self.classes.len())?;
        }
        self.normalisation::<N::Input>().map(drop)
    }

    /// Adds what there is to the metadata of a file.
    pub(crate) fn write(&self, metadata: &mut BTreeMap<String, String>) {
        let names: Vec<String> = self.classes.iter().map(|class| quoted(class)).collect();
        let numbers = |values: &[f64]| values.iter().map(|value| format!("{value:?}")).collect();
        for (key, items) in [("classes", names), ("mean", numbers(&self.mean)), ("deviation", numbers(&self.deviation))]
        {
            if !items.is_empty() {
                metadata.insert(key.to_owned(), format!("[{}]", items.join(", ")));
            }
        }
    }
}

/// The items of a JSON list in the metadata.
fn list<T>(
    metadata: &BTreeMap<String, String>,
    key: &str,
    mut item: impl FnMut(&mut Cursor) -> Result<Option<T>, Fault>,
) -> Result<Vec<T>, Error> {
    let Some(text) = metadata.get(key) else { return Ok(Vec::new()) };
    let mut read = || {
        let mut cursor = Cursor::at(text.as_bytes(), 0);
        let mut items = Vec::new();
        cursor.expect(b'[', "a list in brackets is expected")?;
        while !cursor.accepts(b']') {
            if !items.is_empty() {
                cursor.expect(b',', "a comma or ] is expected between items")?;
            }
            match item(&mut cursor)? {
                Some(item) => items.push(item),
                None => return cursor.fault("a number is expected"),
            }
        }
        if cursor.is_at_end() { Ok(items) } else { cursor.fault("more follows behind the list") }
    };
    read().map_err(|fault| Error::Format {
        reason: format!("metadata `{key}`: {}", fault.told(text.as_bytes()).as_str()),
    })
}

/// A JSON number.
#[expect(clippy::unnecessary_wraps, reason = "items of a list are read by functions that may fail")]
fn real(cursor: &mut Cursor) -> Result<Option<f64>, Fault> {
    Ok(cursor.word().parse().ok().filter(|number: &f64| number.is_finite()))
}
