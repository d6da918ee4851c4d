//! Text files of numbers: a line a sample, values separated by commas.

use std::path::Path;

use super::contents;
use super::{Dataset, Place};
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::Shape;

/// Which value of a line is the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelColumn {
    /// The first, as in MNIST's CSV form.
    First,
    /// The last, as in the UCI repository.
    Last,
}

/// What a spreadsheet may write before the first line.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Samples and labels from a text file: on each line the values of one sample, channel by channel, row by row, and its
/// label, separated by commas.
///
/// Values may stand in double quotes. Empty lines are passed over, and so is a first line without any number: a header.
/// The file may be packed by gzip.
///
/// # Errors
///
/// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Mismatch`](Error::Mismatch) for a line of another
/// number of values, [`Malformed`](Error::Malformed) for what is not a finite number or a class, with line and column, and if there are no samples.
///
/// # Examples
///
/// ```
/// use shapewright::data::{LabelColumn, csv};
/// use shapewright::prelude::*;
///
/// # let path = std::env::temp_dir().join(format!("shapewright-{}.csv", std::process::id()));
/// std::fs::write(&path, "width,height,kind\n0.5,2,1\n-1e3,4,0\n").unwrap();
/// let data: Dataset<Vector<2>, 2> = csv(&path, LabelColumn::Last)?;
/// assert_eq!(data.inputs().as_slice(), [0.5, 2.0, -1e3, 4.0]);
/// assert_eq!(data.labels().as_slice(), [1, 0]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn csv<S: Shape, const CLASSES: usize, E: Element>(
    path: impl AsRef<Path>,
    label: LabelColumn,
) -> Result<Dataset<S, CLASSES, E>, Error> {
    contents::read(path.as_ref(), |contents| {
        let mut samples = Samples { values: Vec::new(), labels: Vec::new(), label };
        let mut number = 0;
        while let Some(bytes) = contents.line()? {
            number += 1;
            let text = text(&bytes, number)?;
            if !(text.is_empty() || number == 1 && is_header(text)) {
                samples.read::<S, CLASSES>(text, number)?;
            }
        }
        let Samples { values, labels, .. } = samples;
        if labels.is_empty() {
            return Err(contents::no_samples(Place::Line { line: number + 1 }));
        }
        Dataset::new(Batch::from_vec(labels.len(), values)?, Labels::new(&labels)?)
    })
}

/// What has been read so far.
struct Samples<E> {
    values: Vec<E>,
    labels: Vec<usize>,
    label: LabelColumn,
}

impl<E: Element> Samples<E> {
    fn read<S: Shape, const CLASSES: usize>(&mut self, text: &str, line: u64) -> Result<(), Error> {
        let columns = S::LEN + 1;
        let found = text.split(',').count();
        if found != columns {
            let what = "the number of values";
            return Err(Error::Mismatch {
                place: Place::Line { line },
                what,
                expected: columns as u64,
                found: found as u64,
            });
        }
        let label = match self.label {
            LabelColumn::First => 0,
            LabelColumn::Last => S::LEN,
        };
        for (index, field) in text.split(',').map(unquoted).enumerate() {
            let refused = |what: &str| {
                let place = Place::Field { line, column: index as u64 + 1 };
                Error::Malformed { place, reason: format!("`{}` is not {what}", shortened(field)) }
            };
            if index == label {
                let class = field.parse().ok().filter(|&class| class < CLASSES);
                let one = || refused(&format!("one of {CLASSES} classes, 0 to {}", CLASSES.saturating_sub(1)));
                self.labels.push(class.ok_or_else(one)?);
            } else {
                let value = field.parse().ok().map(E::from_f64).filter(|value| value.is_finite());
                self.values.push(value.ok_or_else(|| refused("a finite number"))?);
            }
        }
        Ok(())
    }
}

fn text(bytes: &[u8], line: u64) -> Result<&str, Error> {
    let text = core::str::from_utf8(bytes);
    let text = text.map_err(|error| Error::Malformed { place: Place::Line { line }, reason: error.to_string() })?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).trim())
}

fn is_header(text: &str) -> bool {
    text.split(',').all(|field| unquoted(field).parse::<f64>().is_err())
}

fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
}

/// As much of a field as an error shows.
fn shortened(field: &str) -> String {
    const SHOWN: usize = 40;
    field.chars().take(SHOWN).collect()
}
