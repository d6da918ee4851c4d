//! CIFAR's binary files.

use std::fs;

use proptest::prelude::*;
use shapewright::Error;
use shapewright::data::{cifar10, cifar100};

use super::bytes::damage;
use super::reason;
use crate::folder::Folder;

const PIXELS: usize = 3 * 32 * 32;

/// Labels, and then pixels that count up from the first label.
fn record(labels: &[u8]) -> Vec<u8> {
    let pixels = (0..PIXELS).map(|pixel| u8::try_from((pixel + usize::from(labels[0])) % 256).unwrap());
    labels.iter().copied().chain(pixels).collect()
}

/// All six files, two pictures each.
fn cifar_10(folder: &Folder, below: &str) {
    for number in 1..=5 {
        folder.write(&format!("{below}data_batch_{number}.bin"), [record(&[number]), record(&[number - 1])].concat());
    }
    folder.write(&format!("{below}test_batch.bin"), [record(&[9]), record(&[0])].concat());
}

#[test]
fn values_are_exact() {
    for below in ["", "cifar-10-batches-bin/"] {
        let folder = Folder::new("cifar-10");
        cifar_10(&folder, below);
        let (train, test) = cifar10(folder.path()).unwrap();
        assert_eq!(train.labels().as_slice(), [1, 0, 2, 1, 3, 2, 4, 3, 5, 4]);
        assert_eq!(test.labels().as_slice(), [9, 0]);
        assert_eq!(train.class_names().unwrap()[9], "truck");
        let picture = test.inputs().sample(1);
        for (channel, row, column) in [(0, 0, 0), (0, 1, 0), (1, 31, 2), (2, 31, 31)] {
            let pixel = (channel * 32 + row) * 32 + column;
            assert_eq!(picture[pixel], f32::from(u8::try_from(pixel % 256).unwrap()) / 255.0);
        }
    }
}

/// The five pictures to train on beside one to test on: four with the first labels and one with the others.
fn five(first: [u8; 2], last: [u8; 2]) -> Vec<u8> {
    [record(&first).repeat(4), record(&last)].concat()
}

#[test]
fn the_second_label_is_the_class_of_cifar_100() {
    let folder = Folder::new("cifar-100");
    folder.write("cifar-100-binary/train.bin", five([11, 19], [0, 99]));
    folder.write("cifar-100-binary/test.bin", record(&[4, 0]));
    let (train, test) = cifar100(folder.path()).unwrap();
    assert_eq!((train.labels().as_slice(), test.labels().as_slice()), (&[19, 19, 19, 19, 99][..], &[0][..]));
    let names = train.class_names().unwrap();
    assert_eq!([&names[0], &names[19], &names[50], &names[99]], ["apple", "cattle", "mouse", "worm"]);
    assert!(names.is_sorted());
}

#[test]
fn mistakes_are_refused_with_place_and_numbers() {
    let folder = Folder::new("cifar-mistakes");
    cifar_10(&folder, "");
    let with = |bytes: Vec<u8>| {
        folder.write("data_batch_3.bin", bytes);
        reason(cifar10(folder.path()))
    };
    let whole = record(&[1]);
    assert_eq!(with(vec![]), "byte 0: there are no samples");
    assert_eq!(with(whole[..3000].to_vec()), "byte 0: the length of the last record must be 3073, but is 3000");
    assert_eq!(
        with([&whole[..], &[0; 17]].concat()),
        "byte 3073: the length of the last record must be 3073, but is 17"
    );
    assert_eq!(with([whole, record(&[10])].concat()), "byte 3073: label 10 is not one of 10 classes, 0 to 9");
    fs::remove_file(folder.path().join("data_batch_3.bin")).unwrap();
    let error = cifar10(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("`data_batch_3.bin` of the CIFAR-10 dataset, binary version "), "{error}");

    folder.write("train.bin", five([19, 99], [20, 1]));
    let error = cifar100(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("`test.bin` of the CIFAR-100 dataset, binary version "), "{error}");
    folder.write("test.bin", record(&[1, 1]));
    assert_eq!(reason(cifar100(folder.path())), "byte 12296: label 20 is not one of 20 classes, 0 to 19");
}

/// A file that is cut off between pictures is whole to look at, and part of a set that is not.
#[test]
fn a_set_without_some_of_its_pictures_is_refused() {
    let folder = Folder::new("cifar-parts");
    let said = |result: Result<(), Error>| result.unwrap_err().to_string();
    for file in ["data_batch_1.bin", "data_batch_5.bin", "test_batch.bin"] {
        cifar_10(&folder, "");
        let path = folder.write(file, record(&[7]));
        let expected = format!("{}: byte 3073: the number of pictures must be 2, but is 1", path.display());
        assert_eq!(said(cifar10(folder.path()).map(drop)), expected);
    }
    for (train, test, expected) in [
        (10, 1, "test.bin: byte 3074: the number of pictures must be 2, but is 1"),
        (9, 2, "train.bin: byte 27666: the number of pictures must be 10, but is 9"),
        (5, 2, "train.bin: byte 15370: the number of pictures must be 10, but is 5"),
    ] {
        folder.write("train.bin", record(&[1, 1]).repeat(train));
        folder.write("test.bin", record(&[1, 1]).repeat(test));
        assert!(said(cifar100(folder.path()).map(drop)).ends_with(expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_files_do_no_harm(damage in damage()) {
        let folder = Folder::new("cifar-damage");
        let bytes = damage.to(&five([0, 1], [2, 3]));
        folder.write("train.bin", &bytes);
        folder.write("test.bin", record(&[0, 0]));
        if let Ok((train, _)) = cifar100(folder.path()) {
            prop_assert_eq!(train.len() * (PIXELS + 2), bytes.len());
        }
    }
}
