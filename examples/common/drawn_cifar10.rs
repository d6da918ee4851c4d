//! Coloured shapes that a program draws, and the files in which CIFAR-10 is published.

use std::path::Path;
use std::{fs, io};

use shapewright::augment::Chance;

/// Rows and columns of a picture.
const SIDE: usize = 32;

/// Whether a point of the square from −1 to 1 belongs to the shape that stands for a class.
fn inside(class: u8, u: f64, v: f64) -> bool {
    let (radius, along, least) = (u.hypot(v), u.abs().max(v.abs()), u.abs().min(v.abs()));
    let [across, down] = [u, v].map(|position| (2.5 * position).rem_euclid(1.0) < 0.5);
    match class {
        0 => radius < 0.9,                               // a disc
        1 => (0.5..0.9).contains(&radius),               // a ring
        2 => along < 0.8,                                // a square
        3 => (0.45..0.8).contains(&along),               // a frame
        4 => v.abs() < 0.8 && u.abs() < 0.5 * (v + 0.8), // a triangle
        5 => along < 0.9 && least < 0.25,                // a cross
        6 => along < 0.8 && along - least < 0.3,         // the same on its side
        7 => along < 0.9 && across,                      // stripes
        8 => along < 0.9 && down,                        // others
        _ => along < 0.9 && across != down,              // a chessboard
    }
}

/// A picture: all red values row by row, then all green and all blue ones.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
fn shape(class: u8, chance: &mut Chance) -> Vec<u8> {
    let half = chance.between(8.0, 13.0);
    let middle = [chance.between(12.0, 20.0), chance.between(12.0, 20.0)];
    let colour = [0.0; 3].map(|_: f64| chance.between(0.0, 255.0));
    let value = |index: usize| {
        let (channel, row, column) = (index / (SIDE * SIDE), index / SIDE % SIDE, index % SIDE);
        let is_inside = inside(class, (column as f64 - middle[0]) / half, (row as f64 - middle[1]) / half);
        let value = if is_inside { colour[channel] } else { (colour[channel] + 128.0) % 256.0 };
        (value + chance.between(-30.0, 30.0)).clamp(0.0, 255.0) as u8
    };
    (0..3 * SIDE * SIDE).map(value).collect()
}

/// Writes the six files of CIFAR-10, with so many pictures in each.
pub(crate) fn write(folder: &Path, count: usize) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let training = (1..=5).map(|part| format!("data_batch_{part}.bin"));
    for (seed, name) in (1..).zip(training.chain(["test_batch.bin".into()])) {
        let record =
            |(sample, class): (usize, u8)| [vec![class], shape(class, &mut Chance::new(seed, 0, sample))].concat();
        let records: Vec<u8> = (0..10).cycle().take(count).enumerate().flat_map(record).collect();
        fs::write(folder.join(name), records)?;
    }
    Ok(())
}
