//! CIFAR-10 and CIFAR-100 in their binary form: records of labels and pixels.

use std::path::{Path, PathBuf};

use super::locate::Published;
use super::{Dataset, contents};
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

/// CIFAR-10 from the files `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` in `folder`: 50,000 colour
/// pictures to train on and 10,000 to test on, pixels 0 to 1, with the names of the classes.
///
/// `folder` may also hold the unpacked archive, as `cifar-10-batches-bin`. Nothing is downloaded. From "Learning multiple
/// layers of features from tiny images" by A. Krizhevsky, 2009.
///
/// # Errors
///
/// [`Error::Missing`] with every path that was tried, [`Error::Io`] with the path, or [`Error::File`] with the path and
/// [`Mismatch`](Error::Mismatch) for a length, [`Malformed`](Error::Malformed) for an empty file,
/// [`Label`](Error::Label).
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
    let train = [
        locate("data_batch_1.bin")?,
        locate("data_batch_2.bin")?,
        locate("data_batch_3.bin")?,
        locate("data_batch_4.bin")?,
        locate("data_batch_5.bin")?,
    ];
    let test = [locate("test_batch.bin")?];
    Ok((read(&train, [10])?.with_class_names(CLASSES_10), read(&test, [10])?.with_class_names(CLASSES_10)))
}

/// CIFAR-100 from the files `train.bin` and `test.bin` in `folder`: 50,000 colour pictures to train on and 10,000 to test
/// on, pixels 0 to 1, with the names of the hundred classes.
///
/// `folder` may also hold the unpacked archive, as `cifar-100-binary`. Nothing is downloaded.
///
/// # Errors
///
/// Those of [`cifar10`].
pub fn cifar100(folder: impl AsRef<Path>) -> Result<(Dataset<Picture, 100>, Dataset<Picture, 100>), Error> {
    let [train, test] =
        [CIFAR_100.locate(folder.as_ref(), "train.bin")?, CIFAR_100.locate(folder.as_ref(), "test.bin")?];
    let (train, test) = (read(&[train], [SUPERCLASSES, 100])?, read(&[test], [SUPERCLASSES, 100])?);
    Ok((train.with_class_names(CLASSES_100), test.with_class_names(CLASSES_100)))
}

/// The records of all files. Each begins with a label for each of `classes`, the last of which counts.
fn read<const LABELS: usize, const CLASSES: usize>(
    paths: &[PathBuf],
    classes: [usize; LABELS],
) -> Result<Dataset<Picture, CLASSES>, Error> {
    let mut labels = Vec::new();
    let mut pixels = Vec::new();
    for path in paths {
        contents::read(path, |contents| {
            let bytes = contents.rest()?;
            check_length(&bytes, LABELS + Picture::LEN, contents)?;
            for (position, record) in bytes.chunks_exact(LABELS + Picture::LEN).enumerate() {
                let (found, picture) = record.split_at(LABELS);
                for (&label, &classes) in found.iter().zip(&classes) {
                    let label = usize::from(label);
                    if label >= classes {
                        return Err(Error::Label { position, label, classes });
                    }
                }
                labels.push(usize::from(found[LABELS - 1]));
                pixels.extend_from_slice(picture);
            }
            Ok(())
        })?;
    }
    let inputs: Batch<Picture> = super::idx::pixels_of(&pixels);
    Dataset::new(inputs, Labels::new(&labels)?)
}

/// Fails if the bytes are not some whole records.
fn check_length(bytes: &[u8], record: usize, contents: &contents::Contents) -> Result<(), Error> {
    let last = bytes.len() % record;
    let place = contents.place_at((bytes.len() - last) as u64);
    if bytes.is_empty() {
        Err(Error::Malformed { place, reason: "the file is empty".to_owned() })
    } else if last > 0 {
        let what = "the length of the last record";
        Err(Error::Mismatch { place, what, expected: record as u64, found: last as u64 })
    } else {
        Ok(())
    }
}
