//! CIFAR-10 and CIFAR-100 in their binary form: records of labels and pixels.

use std::path::{Path, PathBuf};

use super::contents::{self, Contents, in_file};
use super::locate::Published;
use super::{Dataset, Place};
use crate::batch::Batch;
use crate::error::Error;
use crate::labels::Labels;
use crate::shape::{Image, Shape};

type Picture = Image<3, 32, 32>;

const CIFAR_10: Published = Published {
    name: "the CIFAR-10 dataset, binary version (https://www.cs.toronto.edu/~kriz/cifar.html)",
    folder: "cifar-10-batches-bin",
    endings: &[""],
};

const CIFAR_100: Published = Published {
    name: "the CIFAR-100 dataset, binary version (https://www.cs.toronto.edu/~kriz/cifar.html)",
    folder: "cifar-100-binary",
    endings: &[""],
};

const CLASSES_10: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

#[rustfmt::skip]
const CLASSES_100: [&str; 100] = [
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
    "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard",
    "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum",
    "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
    "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
    "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf",
    "woman", "worm",
];

/// The superclasses of CIFAR-100, whose labels stand before the classes.
const SUPERCLASSES: usize = 20;

/// Of six parts of each set, five are to train on.
const TRAINING_PARTS: usize = 5;

/// CIFAR-10 from the files `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` in `folder`: 50,000 colour
/// pictures to train on and 10,000 to test on, pixels 0 to 1, with the names of the classes.
///
/// `folder` may also hold the unpacked archive, as `cifar-10-batches-bin`. Nothing is downloaded. From "Learning multiple
/// layers of features from tiny images" by A. Krizhevsky, 2009.
///
/// # Errors
///
/// [`Error::Missing`] with every path that was tried, [`Error::Io`] with the path, or [`Error::File`] with the path and
/// [`Mismatch`](Error::Mismatch) for a length or if a file has fewer pictures than its share, [`Malformed`](Error::Malformed) for an empty file or a
/// label that is no class. The six files are equal parts of the set, however large it is.
///
/// # Examples
///
/// ```
/// let error = shapewright::data::cifar10("no/such/folder").unwrap_err();
/// assert_eq!(error.to_string(), "`data_batch_1.bin` of the CIFAR-10 dataset, binary version \
///     (https://www.cs.toronto.edu/~kriz/cifar.html) is not there; looked for no/such/folder/data_batch_1.bin, \
///     no/such/folder/cifar-10-batches-bin/data_batch_1.bin");
/// ```
pub fn cifar10(folder: impl AsRef<Path>) -> Result<(Dataset<Picture, 10>, Dataset<Picture, 10>), Error> {
    let locate = |file| CIFAR_10.locate(folder.as_ref(), file);
    let (train, test) = read(
        &[
            locate("data_batch_1.bin")?,
            locate("data_batch_2.bin")?,
            locate("data_batch_3.bin")?,
            locate("data_batch_4.bin")?,
            locate("data_batch_5.bin")?,
        ],
        &locate("test_batch.bin")?,
        [10],
    )?;
    Ok((train.with_class_names(CLASSES_10), test.with_class_names(CLASSES_10)))
}

/// CIFAR-100 from the files `train.bin` and `test.bin` in `folder`: 50,000 colour pictures to train on and 10,000 to test
/// on, pixels 0 to 1, with the names of the hundred classes.
///
/// `folder` may also hold the unpacked archive, as `cifar-100-binary`. Nothing is downloaded.
///
/// # Errors
///
/// Those of [`cifar10`]; here `train.bin` has five of six parts.
pub fn cifar100(folder: impl AsRef<Path>) -> Result<(Dataset<Picture, 100>, Dataset<Picture, 100>), Error> {
    let [train, test] =
        [CIFAR_100.locate(folder.as_ref(), "train.bin")?, CIFAR_100.locate(folder.as_ref(), "test.bin")?];
    let (train, test) = read(&[train], &test, [SUPERCLASSES, 100])?;
    Ok((train.with_class_names(CLASSES_100), test.with_class_names(CLASSES_100)))
}

/// The records of the files to train on and of the file to test on, which is a sixth of the set. Each begins with a label for each of `classes`, the last of
/// which counts.
fn read<const FILES: usize, const LABELS: usize, const CLASSES: usize>(
    train: &[PathBuf; FILES],
    test: &Path,
    classes: [usize; LABELS],
) -> Result<(Dataset<Picture, CLASSES>, Dataset<Picture, CLASSES>), Error> {
    let train = train.iter().map(|path| Records::read(path, classes)).collect::<Result<Vec<_>, _>>()?;
    let test = Records::read(test, classes)?;
    let share = TRAINING_PARTS / FILES;
    let parts = || train.iter().map(|records| (records, share)).chain([(&test, 1)]);
    let part = parts().map(|(records, parts)| records.labels.len().div_ceil(parts)).max().unwrap_or(0);
    for (records, parts) in parts() {
        records.check_count(parts * part)?;
    }
    Ok((dataset(&train)?, dataset(&[test])?))
}

fn dataset<const CLASSES: usize>(files: &[Records]) -> Result<Dataset<Picture, CLASSES>, Error> {
    let labels: Vec<usize> = files.iter().flat_map(|records| records.labels.iter().copied()).collect();
    let pixels: Vec<u8> = files.iter().flat_map(|records| records.pixels.iter().copied()).collect();
    let inputs: Batch<Picture> = super::idx::pixels_of(&pixels);
    Dataset::new(inputs, Labels::new(&labels)?)
}

/// What is in a file.
struct Records {
    path: PathBuf,
    /// Where it ends.
    end: Place,
    labels: Vec<usize>,
    pixels: Vec<u8>,
}

impl Records {
    fn read<const LABELS: usize>(path: &Path, classes: [usize; LABELS]) -> Result<Self, Error> {
        let (mut labels, mut pixels) = (Vec::new(), Vec::new());
        let end = contents::read(path, |contents| {
            let bytes = contents.rest()?;
            let length = LABELS + Picture::LEN;
            check_length(&bytes, length, contents)?;
            for (position, record) in bytes.chunks_exact(length).enumerate() {
                let (found, picture) = record.split_at(LABELS);
                for (index, (&label, &classes)) in found.iter().zip(&classes).enumerate() {
                    if usize::from(label) >= classes {
                        let place = contents.place_at((position * length + index) as u64);
                        return Err(contents::no_class(place, label, classes));
                    }
                }
                labels.push(usize::from(found[LABELS - 1]));
                pixels.extend_from_slice(picture);
            }
            Ok(contents.place())
        })?;
        Ok(Self { path: path.to_owned(), end, labels, pixels })
    }

    /// Fails if records are missing at the end of the file.
    fn check_count(&self, expected: usize) -> Result<(), Error> {
        let (place, expected, found) = (self.end, expected as u64, self.labels.len() as u64);
        if expected == found {
            return Ok(());
        }
        Err(in_file(&self.path, Error::Mismatch { place, what: "the number of pictures", expected, found }))
    }
}

/// Fails if the bytes are not some whole records.
fn check_length(bytes: &[u8], record: usize, contents: &Contents) -> Result<(), Error> {
    let last = bytes.len() % record;
    let place = contents.place_at((bytes.len() - last) as u64);
    if bytes.is_empty() {
        Err(contents::no_samples(place))
    } else if last > 0 {
        let what = "the length of the last record";
        Err(Error::Mismatch { place, what, expected: record as u64, found: last as u64 })
    } else {
        Ok(())
    }
}
