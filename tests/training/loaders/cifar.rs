//! CIFAR's binary files.

use std::fs;

use proptest::prelude::*;
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

/// All six files, one picture each.
fn cifar_10(folder: &Folder, below: &str) {
    for number in 1..=5 {
        folder.write(&format!("{below}data_batch_{number}.bin"), record(&[number]));
    }
    folder.write(&format!("{below}test_batch.bin"), [record(&[9]), record(&[0])].concat());
}

#[test]
fn values_are_exact() {
    for below in ["", "cifar-10-batches-bin/"] {
        let folder = Folder::new("cifar-10");
        cifar_10(&folder, below);
        let (train, test) = cifar10(folder.path()).unwrap();
        assert_eq!(train.labels().as_slice(), [1, 2, 3, 4, 5]);
        assert_eq!(test.labels().as_slice(), [9, 0]);
        assert_eq!(train.class_names().unwrap()[9], "truck");
        let picture = test.inputs().sample(1);
        for (channel, row, column) in [(0, 0, 0), (0, 1, 0), (1, 31, 2), (2, 31, 31)] {
            let pixel = (channel * 32 + row) * 32 + column;
            assert_eq!(picture[pixel], f32::from(u8::try_from(pixel % 256).unwrap()) / 255.0);
        }
    }
}

#[test]
fn the_second_label_is_the_class_of_cifar_100() {
    let folder = Folder::new("cifar-100");
    folder.write("cifar-100-binary/train.bin", [record(&[11, 19]), record(&[0, 99])].concat());
    folder.write("cifar-100-binary/test.bin", record(&[4, 0]));
    let (train, test) = cifar100(folder.path()).unwrap();
    assert_eq!((train.labels().as_slice(), test.labels().as_slice()), (&[19, 99][..], &[0][..]));
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
    assert_eq!(with(vec![]), "byte 0: the file is empty");
    assert_eq!(with(whole[..3000].to_vec()), "byte 0: the length of the last record must be 3073, but is 3000");
    assert_eq!(
        with([&whole[..], &[0; 17]].concat()),
        "byte 3073: the length of the last record must be 3073, but is 17"
    );
    assert_eq!(with([whole, record(&[10])].concat()), "label 10 at position 1 is not one of 10 classes, 0 to 9");
    fs::remove_file(folder.path().join("data_batch_3.bin")).unwrap();
    let error = cifar10(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("`data_batch_3.bin` of the CIFAR-10 dataset, binary version "), "{error}");

    folder.write("train.bin", record(&[20, 1]));
    let error = cifar100(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("`test.bin` of the CIFAR-100 dataset, binary version "), "{error}");
    folder.write("test.bin", record(&[1, 1]));
    assert_eq!(reason(cifar100(folder.path())), "label 20 at position 0 is not one of 20 classes, 0 to 19");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_files_do_no_harm(damage in damage()) {
        let folder = Folder::new("cifar-damage");
        let bytes = damage.to(&[record(&[0, 1]), record(&[2, 3])].concat());
        folder.write("train.bin", &bytes);
        folder.write("test.bin", record(&[0, 0]));
        if let Ok((train, _)) = cifar100(folder.path()) {
            prop_assert_eq!(train.len() * (PIXELS + 2), bytes.len());
        }
    }
}
