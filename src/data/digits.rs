//! Handwritten digits that come with the crate.

use super::Dataset;
use crate::batch::Batch;
use crate::labels::Labels;
use crate::shape::Image;

const PIXELS: usize = 64;
const INK: f32 = 16.0;
const TRAINING: usize = 1437;
const SEED: u64 = 0;
pub(super) const NAMES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// One record an image: its pixels, then its label. See `data/README.md`.
static RECORDS: &[u8] = include_bytes!("../../data/digits.bin");

/// Handwritten digits to train on, and others to test on: 1,437 and 360 images of 8×8 pixels, each 0 (paper) to 1 (ink)
/// in steps of 1/16.
///
/// The split is drawn by a fixed seed and is always the same. From "Optical Recognition of Handwritten Digits" by
/// E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998, <https://doi.org/10.24432/C50P49>, CC BY 4.0.
///
/// # Examples
///
/// ```
/// let (train, test) = shapewright::data::digits();
/// assert_eq!((train.len(), test.len()), (1_437, 360));
/// assert_eq!(train.labels().as_slice()[..4], [9, 0, 7, 1]);
/// assert_eq!(train.inputs().sample(0).len(), 8 * 8);
/// ```
#[must_use]
pub fn digits() -> (Dataset<Image<1, 8, 8>, 10>, Dataset<Image<1, 8, 8>, 10>) {
    let digits = all();
    digits.split(TRAINING, SEED).unwrap_or_else(|_| unreachable!("there are more images than that"))
}

fn all() -> Dataset<Image<1, 8, 8>, 10> {
    let (records, _) = RECORDS.as_chunks::<{ PIXELS + 1 }>();
    let pixels = Batch::from_fn(records.len(), |sample, index| f32::from(records[sample][index]) / INK);
    let labels: Vec<usize> = records.iter().map(|record| usize::from(record[PIXELS])).collect();
    let labels = Labels::new(&labels).expect("each label is a digit");
    Dataset::new(pixels, labels).expect("each image has a label").with_class_names(NAMES)
}
