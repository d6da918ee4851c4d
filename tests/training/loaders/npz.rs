//! `.npz` files.

use flate2::Crc;
use proptest::prelude::*;
use shapewright::data::Npz;
use shapewright::prelude::*;

use super::bytes::{damage, deflate};
use super::npy::file;
use super::reason;
use crate::folder::Folder;

/// A zip archive of these files, packed or not.
pub(crate) fn archive(files: &[(&str, Vec<u8>)], packed: bool) -> Vec<u8> {
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let stored = if packed { deflate(bytes) } else { bytes.clone() };
        let mut crc = Crc::new();
        crc.update(bytes);
        let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        // Method, time and date, checksum, both lengths, the name's length: in both headers.
        let method: &[u8] = if packed { &[8, 0] } else { &[0, 0] };
        let sizes = [crc.sum().to_le_bytes(), number(stored.len()), number(bytes.len())].concat();
        let common = [method, &[0; 4], &sizes, &number(name.len())[..2]].concat();
        let start = number(archive.len());
        archive.extend([b"PK\x03\x04\x14\0\0\0", &common[..], &[4, 0], name.as_bytes(), &[0; 4], &stored].concat());
        let rest: [&[u8]; 4] = [&[0; 12], &start, name.as_bytes(), &[]];
        list.extend([b"PK\x01\x02\x14\0\x14\0\0\0", &common[..], &rest.concat()].concat());
    }
    let numbers = [list.len(), archive.len()].map(|number| u32::try_from(number).unwrap().to_le_bytes());
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &numbers.concat(), &[0, 0]].concat();
    [archive, list, end].concat()
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let x: Vec<u8> = (0..80).collect();
    vec![("x.npy", file("|u1", "(2, 40)", &x)), ("y.npy", file("|u1", "(2,)", &[1, 0]))]
}

#[test]
fn arrays_come_by_name() {
    let folder = Folder::new("npz");
    for packed in [false, true] {
        let npz = Npz::open(folder.write("data.npz", archive(&files(), packed))).unwrap();
        assert_eq!(npz.names().collect::<Vec<_>>(), ["x", "y"]);
        let data: Dataset<Vector<40>, 2> = npz.dataset("x", "y").unwrap();
        assert_eq!(data.inputs().sample(1)[..3], [40.0, 41.0, 42.0]);
        assert_eq!(data.labels().as_slice(), [1, 0]);
    }
}

#[test]
fn mistakes_are_refused_with_place_and_numbers() {
    let folder = Folder::new("npz-mistakes");
    let open = |bytes: &[u8]| Npz::open(folder.write("data.npz", bytes));
    let batch = |bytes: &[u8]| reason(open(bytes).unwrap().batch::<Vector<40>, f32>("x"));
    let good = archive(&files(), false);
    let packed = archive(&files(), true);

    assert_eq!(reason(open(b"")), "byte 0: the file does not end as a zip archive does");
    assert_eq!(
        reason(open(&good[..good.len() - 1])),
        format!("byte {}: the file does not end as a zip archive does", good.len() - 1)
    );
    let npz = open(&good).unwrap();
    assert_eq!(reason(npz.labels::<2>("z")), "malformed file: there is no array `z`; there are: x, y");
    let error = npz.labels::<1>("y").unwrap_err().to_string();
    assert!(error.ends_with("data.npz/y.npy: byte 128: label 1 is not one of 1 classes, 0 to 0"), "{error}");
    assert_eq!(reason(npz.batch::<Vector<41>, f32>("x")), "byte 128: the shape is (2, 40), but must be (n, 41)");

    let list = good.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let with = |archive: &[u8], at: usize, bytes: &[u8]| {
        let mut archive = archive.to_vec();
        archive[at..at + bytes.len()].copy_from_slice(bytes);
        archive
    };
    assert_eq!(
        reason(open(&with(&good, list + 10, &[14]))),
        format!("byte {list}: `x.npy` is packed by method 14, which is not deflate")
    );
    assert_eq!(
        reason(open(&with(&good, list + 24, &[255; 4]))),
        format!("byte {list}: `x.npy` lies beyond 4 GiB; save such an array as a .npy file")
    );
    assert_eq!(
        reason(open(&with(&good, list, b"PX"))),
        format!("byte {list}: no entry of a zip archive's list begins here")
    );
    assert_eq!(batch(&with(&good, list + 42, &[1])), "byte 1: no file of a zip archive begins here");
    assert_eq!(
        batch(&with(&good, list + 20, &[0, 0, 1])),
        format!("byte {0}: the length in bytes must be 65575, but is {0}", good.len())
    );
    assert_eq!(batch(&with(&good, list + 20, &[207])), "byte 39: the unpacked length in bytes must be 208, but is 207");
    let checksum = batch(&with(&good, 39 + 200, &[0]));
    assert!(checksum.starts_with("byte 39: the checksum must be "), "{checksum}");
    let corrupt = batch(&with(&packed, 39, &[255]));
    assert!(corrupt.starts_with("byte 39: the packed data is corrupt: "), "{corrupt}");
}

#[test]
fn two_arrays_of_one_name_are_refused() {
    let folder = Folder::new("npz-twice");
    let twice = archive(&[files(), files()].concat(), false);
    let list = twice.windows(4).enumerate().filter(|(_, bytes)| *bytes == b"PK\x01\x02").nth(2).unwrap().0;
    assert_eq!(reason(Npz::open(folder.write("data.npz", twice))), format!("byte {list}: there are two arrays `x`"));
}

#[test]
fn a_set_without_samples_is_refused() {
    let folder = Folder::new("npz-empty");
    let files = [("x.npy", file("|u1", "(0, 40)", &[])), ("y.npy", file("|u1", "(0,)", &[]))];
    let npz = Npz::open(folder.write("data.npz", archive(&files, false))).unwrap();
    let error = npz.dataset::<Vector<40>, 2, f32>("x", "y").unwrap_err().to_string();
    assert!(error.ends_with("x.npy: malformed file: there are no samples"), "{error}");
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(damage in damage(), packed: bool) {
        let folder = Folder::new("npz-damage");
        if let Ok(npz) = Npz::open(folder.write("data.npz", damage.to(&archive(&files(), packed)))) {
            let _ = npz.dataset::<Vector<40>, 2, f32>("x", "y");
            for name in npz.names() {
                let _ = npz.batch::<Vector<40>, f64>(name);
            }
        }
    }
}
