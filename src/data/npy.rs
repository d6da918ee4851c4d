//! Arrays as NumPy saves them: `.npy` files.

use core::fmt;
use std::borrow::Cow;
use std::fs;
use std::path::Path;

use super::Place;
use super::contents::{in_file, no_class};
use super::idx::sizes;
use crate::batch::Batch;
use crate::element::Element;
use crate::error::Error;
use crate::io::number::{self, half};
use crate::labels::Labels;
use crate::shape::Shape;

/// Samples from a `.npy` file: an array of whole numbers or floating-point numbers, of one dimension more than the shape.
///
/// One channel needs no dimension: `Image<1, 28, 28>` takes (n, 28, 28) and (n, 1, 28, 28). The values are taken as they
/// are: pixels of 0 to 255 want a [`Normalisation`](super::Normalisation). Arrays in Fortran's order, as a transposed one is saved, come out the same. The format is
/// NumPy's, versions 1 to 3 (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
///
/// # Errors
///
/// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Mismatch`](Error::Mismatch) for a length,
/// [`Malformed`](Error::Malformed) for a header, another shape, a type that is no number, or a value that is not finite.
///
/// # Examples
///
/// ```
/// use shapewright::data::npy;
/// use shapewright::prelude::*;
///
/// # let path = std::env::temp_dir().join(format!("shapewright-{}.npy", std::process::id()));
/// // np.save(path, np.array([[1, 2], [3, 4]], dtype=np.uint8))
/// let mut bytes = b"\x93NUMPY\x01\x00\x3a\x00{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}\n".to_vec();
/// bytes.extend([1, 2, 3, 4]);
/// std::fs::write(&path, bytes).unwrap();
/// assert_eq!(npy::<Vector<2>, f32>(&path)?.sample(1), [3.0, 4.0]);
/// assert!(npy::<Vector<3>, f32>(&path).unwrap_err().to_string().ends_with("the shape is (2, 2), but must be (n, 3)"));
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), shapewright::Error>(())
/// ```
pub fn npy<S: Shape, E: Element>(path: impl AsRef<Path>) -> Result<Batch<S, E>, Error> {
    read(path.as_ref(), batch)
}

/// Labels from a `.npy` file: an array of whole numbers of one dimension, or of two the last of which is 1.
///
/// # Errors
///
/// Those of [`npy`], and [`Malformed`](Error::Malformed) for a number that is not a class.
pub fn npy_labels<const CLASSES: usize>(path: impl AsRef<Path>) -> Result<Labels<CLASSES>, Error> {
    read(path.as_ref(), labels)
}

fn read<T>(path: &Path, parse: fn(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    parse(&bytes).map_err(|error| in_file(path, error))
}

/// The samples in the bytes of a `.npy` file.
pub(super) fn batch<S: Shape, E: Element>(bytes: &[u8]) -> Result<Batch<S, E>, Error> {
    let array = Array::parse(bytes)?;
    let [samples, dims @ ..] = &array.dims[..] else { return Err(array.of_shape(&expected::<S>())) };
    if dims != S::DIMS && dims != sizes::<S>() {
        return Err(array.of_shape(&expected::<S>()));
    }
    let mut values = Vec::with_capacity(array.values.len() / array.number.size);
    for (place, number) in array.numbers() {
        let value = E::from_f64(number);
        if !value.is_finite() {
            return Err(Error::Malformed {
                place,
                reason: format!("{number} is not a finite {}", core::any::type_name::<E>()),
            });
        }
        values.push(value);
    }
    Batch::from_vec(*samples, values)
}

/// The labels in the bytes of a `.npy` file.
pub(super) fn labels<const CLASSES: usize>(bytes: &[u8]) -> Result<Labels<CLASSES>, Error> {
    let array = Array::parse(bytes)?;
    if !matches!(array.dims[..], [_] | [_, 1]) {
        return Err(array.of_shape("(n) or (n, 1)"));
    }
    let mut labels = Vec::new();
    for (place, number) in array.numbers() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what changes is no class")]
        let class = Some(number as usize).filter(|&class| class < CLASSES && class as f64 == number);
        labels.push(class.ok_or_else(|| no_class(place, number, CLASSES))?);
    }
    Labels::new(&labels)
}

/// The shapes that an array of samples of `S` may have.
fn expected<S: Shape>() -> String {
    let shape =
        |dims: &[usize]| format!("(n, {})", dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    let shapes = [shape(S::DIMS), shape(sizes::<S>())];
    if shapes[0] == shapes[1] { shapes[0].clone() } else { shapes.join(" or ") }
}

/// An array whose values have as many bytes as its header says.
pub(crate) struct Array<'a> {
    pub(crate) dims: Vec<usize>,
    pub(crate) number: Number,
    /// Row by row.
    pub(crate) values: Cow<'a, [u8]>,
    /// Whether the file has them column by column.
    by_column: bool,
    start: u64,
}

impl<'a> Array<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let malformed = |offset: usize, reason: String| Error::Malformed { place: Place::Byte(offset as u64), reason };
        if !bytes.starts_with(b"\x93NUMPY") {
            return Err(malformed(0, "an array of NumPy begins with the byte 147 and NUMPY".to_owned()));
        }
        let (length, behind) = match bytes[6..] {
            [1, _, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 10),
            [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
            [version, ..] if version == 0 || version > 3 => {
                return Err(malformed(6, format!("format version {version} is none of 1, 2 and 3")));
            }
            _ => return Err(malformed(bytes.len(), "the file ends in its header".to_owned())),
        };
        let Some((header, values)) = bytes[behind..].split_at_checked(length) else {
            let (what, expected, found) = ("the length in bytes", behind as u64 + length as u64, bytes.len() as u64);
            return Err(Error::Mismatch { place: Place::Byte(found), what, expected, found });
        };
        let header = core::str::from_utf8(header).map_err(|error| malformed(behind, error.to_string()))?;
        let (number, by_column, dims) = parse_header(header).map_err(|reason| malformed(behind, reason))?;
        let start = (behind + length) as u64;
        let count = dims.iter().fold(number.size as u64, |count, &size| count.saturating_mul(size as u64));
        if count != values.len() as u64 {
            let (expected, found) = (start.saturating_add(count), bytes.len() as u64);
            let place = Place::Byte(expected.min(found));
            return Err(Error::Mismatch { place, what: "the length in bytes", expected, found });
        }
        let mut array = Self { dims, number, values: values.into(), by_column, start };
        if by_column {
            let numbers = (0..values.len() / number.size).map(|index| &values[number.size * array.stored(index)..]);
            array.values = numbers.flat_map(|bytes| &bytes[..number.size]).copied().collect();
        }
        Ok(array)
    }

    /// Which of the file's values is this one of the array's.
    fn stored(&self, index: usize) -> usize {
        if !self.by_column {
            return index;
        }
        let (mut rest, mut stride, mut stored) = (index, self.values.len() / self.number.size, 0);
        for size in self.dims.iter().rev() {
            stride /= size;
            stored += rest % size * stride;
            rest /= size;
        }
        stored
    }

    /// The values with where they stand.
    fn numbers(&self) -> impl Iterator<Item = (Place, f64)> {
        let size = self.number.size;
        let place = move |index| Place::Byte(self.start + (size * self.stored(index)) as u64);
        let numbers = self.values.chunks_exact(size).map(|bytes| self.number.decode(bytes));
        numbers.enumerate().map(move |(index, number)| (place(index), number))
    }

    fn of_shape(&self, expected: &str) -> Error {
        let dims: Vec<String> = self.dims.iter().map(ToString::to_string).collect();
        let reason = format!("the shape is ({}), but must be {expected}", dims.join(", "));
        Error::Malformed { place: Place::Byte(self.start), reason }
    }
}

/// How a number is stored.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    kind: char,
    size: usize,
    big_endian: bool,
}

impl Number {
    /// What NumPy writes for a type, as `<f4`.
    fn parse(name: &str) -> Option<Self> {
        let mut letters = name.chars();
        let (order, kind) = (letters.next()?, letters.next()?);
        let size = letters.as_str().parse().ok()?;
        let known = matches!((kind, size), ('f', 2 | 4 | 8) | ('i' | 'u', 1 | 2 | 4 | 8) | ('b', 1));
        (known && matches!(order, '<' | '>' | '|' | '=')).then_some(Self { kind, size, big_endian: order == '>' })
    }

    /// The type among those of weights, if it is one.
    pub(crate) fn float(self) -> Option<number::Number> {
        match (self.kind, self.size) {
            _ if self.big_endian => None,
            ('f', 8) => Some(number::Number::F64),
            ('f', 4) => Some(number::Number::F32),
            ('f', 2) => Some(number::Number::F16),
            _ => None,
        }
    }

    fn decode(self, bytes: &[u8]) -> f64 {
        let mut low = [0; 8];
        low[..self.size].copy_from_slice(bytes);
        if self.big_endian {
            low[..self.size].reverse();
        }
        let bits = u64::from_le_bytes(low);
        match (self.kind, self.size) {
            ('f', 8) => f64::from_bits(bits),
            ('f', 2) => half(u16::from_le_bytes([low[0], low[1]])),
            ('f', _) => f64::from(f32::from_le_bytes([low[0], low[1], low[2], low[3]])),
            ('i', size) => {
                let unused = 64 - 8 * size;
                (bits.cast_signed() << unused >> unused) as f64 // the sign comes back down
            }
            _ => bits as f64,
        }
    }
}

/// As NumPy writes it.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", if self.big_endian { '>' } else { '<' }, self.kind, self.size)
    }
}

/// The type, whether it is stored column by column, and the sizes in a header: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn parse_header(header: &str) -> Result<(Number, bool, Vec<usize>), String> {
    let value = |key: &str| {
        let (_, behind) = header.split_once(&format!("'{key}':")).ok_or(format!("the header has no `{key}`"))?;
        Ok::<_, String>(behind.trim_start())
    };
    let descr = value("descr")?;
    let name = descr.strip_prefix('\'').and_then(|descr| descr.split_once('\'')).map(|(name, _)| name);
    let number = name.and_then(Number::parse);
    let number = number.ok_or_else(|| format!("the type {} is no number", name.unwrap_or("of several fields")))?;
    let by_column = match value("fortran_order")? {
        order if order.starts_with("True") => true,
        order if order.starts_with("False") => false,
        _ => return Err("the header's `fortran_order` is neither True nor False".to_owned()),
    };
    let shape = value("shape")?;
    let shape = shape.strip_prefix('(').and_then(|shape| shape.split_once(')')).map(|(shape, _)| shape);
    let shape = shape.ok_or("the header's `shape` is not in brackets")?;
    let sizes = shape.trim().trim_end_matches(',').split(',').map(str::trim).filter(|size| !size.is_empty());
    let sizes: Result<Vec<usize>, String> =
        sizes.map(|size| size.parse().map_err(|_| format!("`{size}` in the header's `shape` is no size"))).collect();
    Ok((number, by_column, sizes?))
}
