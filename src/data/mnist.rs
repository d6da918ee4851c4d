//! MNIST and what is published in its form.

use std::path::Path;

use super::locate::Published;
use super::{Dataset, digits, idx};
use crate::error::Error;
use crate::shape::Image;

type Digits = Dataset<Image<1, 28, 28>, 10>;

const MNIST: Published = Published {
    name: "the MNIST database of handwritten digits (http://yann.lecun.com/exdb/mnist/)",
    folder: "MNIST/raw",
    endings: &["", ".gz"],
};

const FASHION_MNIST: Published = Published {
    name: "Fashion-MNIST (https://github.com/zalandoresearch/fashion-mnist)",
    folder: "FashionMNIST/raw",
    endings: &["", ".gz"],
};

const GARMENTS: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// MNIST from its four files in `folder`, packed by gzip or not: 60,000 images to train on and 10,000 to test on, pixels 0
/// (paper) to 1 (ink).
///
/// `folder` may also be the one in which torchvision keeps it, as `MNIST/raw`. Nothing is downloaded. From "Gradient-based
/// learning applied to document recognition" by Y. `LeCun`, L. Bottou, Y. Bengio and P. Haffner, 1998.
///
/// # Errors
///
/// [`Error::Missing`] with every path that was tried, and those of [`idx`].
///
/// # Examples
///
/// ```
/// let error = shapewright::data::mnist("no/such/folder").unwrap_err();
/// assert_eq!(error.to_string(), "`train-images-idx3-ubyte` of the MNIST database of handwritten digits \
///     (http://yann.lecun.com/exdb/mnist/) is not there; looked for no/such/folder/train-images-idx3-ubyte, \
///     no/such/folder/train-images-idx3-ubyte.gz, no/such/folder/MNIST/raw/train-images-idx3-ubyte, \
///     no/such/folder/MNIST/raw/train-images-idx3-ubyte.gz");
/// ```
pub fn mnist(folder: impl AsRef<Path>) -> Result<(Digits, Digits), Error> {
    let (train, test) = both(&MNIST, folder.as_ref())?;
    Ok((train.with_class_names(digits::NAMES), test.with_class_names(digits::NAMES)))
}

/// Fashion-MNIST from its four files in `folder`, packed by gzip or not: 60,000 pictures of clothes to train on and 10,000
/// to test on, in the form of [`mnist`], with the names of the classes.
///
/// `folder` may also be the one in which torchvision keeps it, as `FashionMNIST/raw`. Nothing is downloaded. From
/// "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms" by H. Xiao, K. Rasul and R.
/// Vollgraf, 2017, <https://arxiv.org/abs/1708.07747>.
///
/// # Errors
///
/// [`Error::Missing`] with every path that was tried, and those of [`idx`].
pub fn fashion_mnist(folder: impl AsRef<Path>) -> Result<(Digits, Digits), Error> {
    let (train, test) = both(&FASHION_MNIST, folder.as_ref())?;
    Ok((train.with_class_names(GARMENTS), test.with_class_names(GARMENTS)))
}

fn both(published: &Published, folder: &Path) -> Result<(Digits, Digits), Error> {
    let [train_images, train_labels, test_images, test_labels] = [
        published.locate(folder, "train-images-idx3-ubyte")?,
        published.locate(folder, "train-labels-idx1-ubyte")?,
        published.locate(folder, "t10k-images-idx3-ubyte")?,
        published.locate(folder, "t10k-labels-idx1-ubyte")?,
    ];
    Ok((idx(train_images, train_labels)?, idx(test_images, test_labels)?))
}
