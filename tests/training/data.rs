//! The digits that come with the crate.

use std::fs;
use std::path::Path;

use shapewright::data::digits;
use shapewright::prelude::*;

type Digits = Dataset<Image<1, 8, 8>, 10>;

/// The first lines of the original's comma-separated file.
const ORIGINAL: [&str; 3] = [
    "0,0,5,13,9,1,0,0,0,0,13,15,10,15,5,0,0,3,15,2,0,11,8,0,0,4,12,0,0,8,8,0,\
     0,5,8,0,0,9,8,0,0,4,11,0,1,12,7,0,0,2,14,5,10,12,0,0,0,0,6,13,10,0,0,0,0",
    "0,0,0,12,13,5,0,0,0,0,0,11,16,9,0,0,0,0,3,15,16,6,0,0,0,7,15,16,16,2,0,0,\
     0,0,1,16,16,3,0,0,0,0,1,16,16,6,0,0,0,0,1,16,16,6,0,0,0,0,0,11,16,10,0,0,1",
    "0,0,0,4,15,12,0,0,0,0,3,16,15,14,0,0,0,0,8,13,8,16,0,0,0,0,1,6,15,11,0,0,\
     0,1,8,13,15,1,0,0,0,9,16,16,5,0,0,0,0,3,13,16,16,11,5,0,0,0,0,3,11,16,9,0,2",
];

/// Pixels and label of each image as whole numbers, as the file has them.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 16, checked by the comparison with the file
fn records(data: &Digits) -> Vec<Vec<u8>> {
    let labels = data.labels().as_slice();
    let record = |(pixels, &label): (&[f32], &usize)| {
        pixels.iter().map(|pixel| (pixel * 16.0) as u8).chain([label as u8]).collect()
    };
    data.inputs().iter().zip(labels).map(record).collect()
}

fn file() -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/digits.bin");
    fs::read(path).unwrap().chunks(65).map(<[u8]>::to_vec).collect()
}

#[test]
fn the_file_is_the_original() {
    let file = file();
    assert_eq!(file.len(), 1_797);
    for (record, line) in file.iter().zip(ORIGINAL) {
        let numbers: Vec<u8> = line.split(',').map(|number| number.parse().unwrap()).collect();
        assert_eq!(*record, numbers);
    }
    let sum: usize = file.iter().flat_map(|record| &record[..64]).map(|&pixel| usize::from(pixel)).sum();
    assert_eq!(sum, 561_718);
    let mut classes = [0; 10];
    for record in &file {
        classes[usize::from(record[64])] += 1;
    }
    assert_eq!(classes, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
}

#[test]
fn pixels_are_sixteenths() {
    let (train, test) = digits();
    for &pixel in train.inputs().as_slice().iter().chain(test.inputs().as_slice()) {
        assert!((0.0..=1.0).contains(&pixel) && (pixel * 16.0).fract() == 0.0, "{pixel}");
    }
}

#[test]
fn every_image_is_in_one_of_the_sets() {
    let (train, test) = digits();
    assert_eq!((train.len(), test.len()), (1_437, 360));
    let mut both = [records(&train), records(&test)].concat();
    let mut all = file();
    both.sort();
    all.sort();
    assert_eq!(both, all);
}

#[test]
fn the_split_never_changes() {
    let (train, test) = digits();
    assert_eq!([checksum(&train), checksum(&test)], [2_888_589_943_713_808_979, 12_371_662_006_880_629_529]);
    assert_eq!((train, test), digits());
}

/// FNV-1a, 64 bits.
fn checksum(data: &Digits) -> u64 {
    let bytes = records(data).concat();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
