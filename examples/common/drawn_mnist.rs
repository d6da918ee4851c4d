//! Drawn digits in the files in which MNIST is published.

use std::path::Path;
use std::{fs, io};

use shapewright::augment::Chance;

use super::drawn_digits::digit;

/// Writes the four files of MNIST, with so many digits to train and to test on.
pub(crate) fn write(folder: &Path, [train, test]: [u32; 2]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (part, count, seed) in [("train", train, 1), ("t10k", test, 2)] {
        let labels: Vec<u8> = (0..10).cycle().take(count as usize).collect();
        let pixels = labels.iter().enumerate().flat_map(|(sample, &label)| {
            digit(usize::from(label), 28, &mut Chance::new(seed, 0, sample)) // as random as seed and sample are
        });
        let images: Vec<u8> = header(&[0x803, count, 28, 28]).chain(pixels).collect();
        fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images)?;
        let labels: Vec<u8> = header(&[0x801, count]).chain(labels).collect();
        fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels)?;
    }
    Ok(())
}

/// What an IDX file begins with: its magic number and its sizes.
fn header(numbers: &[u32]) -> impl Iterator<Item = u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes())
}
