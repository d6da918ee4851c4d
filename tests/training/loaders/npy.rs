//! `.npy` files.

use proptest::prelude::*;
use shapewright::data::{npy, npy_labels};
use shapewright::prelude::*;
use shapewright::{Error, Shape};

use super::bytes::damage;
use super::reason;
use crate::folder::Folder;

/// A file of format version 1, as NumPy pads it.
pub(crate) fn file(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    with_header(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"), values)
}

fn with_header(header: &str, values: &[u8]) -> Vec<u8> {
    let padded = format!("{header:<117}\n");
    let length = u16::try_from(padded.len()).unwrap();
    [b"\x93NUMPY\x01\x00", &length.to_le_bytes()[..], padded.as_bytes(), values].concat()
}

fn read<S: Shape>(bytes: impl AsRef<[u8]>) -> Result<Batch<S, f64>, Error> {
    let folder = Folder::new(&format!("npy-{:?}", std::thread::current().id()));
    npy(folder.write("array.npy", bytes))
}

fn read_labels(bytes: impl AsRef<[u8]>) -> Result<Labels<10>, Error> {
    let folder = Folder::new(&format!("npy-labels-{:?}", std::thread::current().id()));
    npy_labels(folder.write("array.npy", bytes))
}

#[test]
fn every_type_of_number_is_exact() {
    let numbers = [1.0, -2.0];
    let cases: [(&str, Vec<u8>); 12] = [
        ("<f4", [1_f32, -2.0].iter().flat_map(|number| number.to_le_bytes()).collect()),
        (">f4", [1_f32, -2.0].iter().flat_map(|number| number.to_be_bytes()).collect()),
        ("<f8", numbers.iter().flat_map(|number: &f64| number.to_le_bytes()).collect()),
        (">f8", numbers.iter().flat_map(|number: &f64| number.to_be_bytes()).collect()),
        ("|i1", vec![1, 254]),
        ("<i2", vec![1, 0, 254, 255]),
        (">i2", vec![0, 1, 255, 254]),
        ("<i4", [1_i32.to_le_bytes(), (-2_i32).to_le_bytes()].concat()),
        (">i4", [1_i32.to_be_bytes(), (-2_i32).to_be_bytes()].concat()),
        ("<i8", [1_i64.to_le_bytes(), (-2_i64).to_le_bytes()].concat()),
        (">i8", [1_i64.to_be_bytes(), (-2_i64).to_be_bytes()].concat()),
        ("=i1", vec![1, 254]),
    ];
    for (descr, values) in cases {
        assert_eq!(read::<Vector<2>>(file(descr, "(1, 2)", &values)).unwrap().as_slice(), numbers, "{descr}");
    }
    for (descr, values) in [
        ("|u1", vec![1, 254]),
        ("<u2", vec![1, 0, 254, 0]),
        ("<u4", vec![1, 0, 0, 0, 254, 0, 0, 0]),
        (">u8", [1_u64.to_be_bytes(), 254_u64.to_be_bytes()].concat()),
    ] {
        assert_eq!(read::<Vector<2>>(file(descr, "(1, 2)", &values)).unwrap().as_slice(), [1.0, 254.0], "{descr}");
    }
    assert_eq!(read::<Vector<2>>(file("|b1", "(1, 2)", &[1, 0])).unwrap().as_slice(), [1.0, 0.0]);
}

#[test]
fn one_channel_needs_no_dimension() {
    for shape in ["(2, 1, 1, 2)", "(2, 1, 2)", "(2,1,2)"] {
        let batch = read::<Image<1, 1, 2>>(file("|u1", shape, &[1, 2, 3, 4])).unwrap();
        assert_eq!(batch.sample(1), [3.0, 4.0]);
    }
    assert!(read::<Vector<3>>(file("<f4", "(0, 3)", &[])).unwrap().is_empty());
}

/// `np.save(path, np.arange(12).reshape(3, 2, 2).T)` and the like.
#[test]
fn arrays_in_fortrans_order_come_row_by_row() {
    let by_column = |shape: &str, values: &[u8]| {
        with_header(&format!("{{'descr': '<i2', 'fortran_order': True, 'shape': {shape}, }}"), &wide(values))
    };
    let batch = read::<Vector<3>>(by_column("(2, 3)", &[1, 4, 2, 5, 3, 6])).unwrap();
    assert_eq!(batch.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let values: Vec<u8> = (0..12).collect();
    let batch = read::<Image<1, 2, 3>>(by_column("(2, 2, 3)", &values)).unwrap();
    assert_eq!(batch.as_slice(), [0.0, 4.0, 8.0, 2.0, 6.0, 10.0, 1.0, 5.0, 9.0, 3.0, 7.0, 11.0]);
    assert_eq!(read_labels(by_column("(3, 1)", &[7, 8, 9])).unwrap().as_slice(), [7, 8, 9]);
    let mut infinite = with_header("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", &[0; 16]);
    infinite[136..140].copy_from_slice(&f32::INFINITY.to_le_bytes()); // the second of the first sample
    assert_eq!(reason(read::<Vector<2>>(infinite)), "byte 136: inf is not a finite f64");
}

/// Numbers of two bytes each.
fn wide(values: &[u8]) -> Vec<u8> {
    values.iter().flat_map(|&value| [value, 0]).collect()
}

#[test]
fn long_headers_have_longer_lengths() {
    let header = b"{'shape': (1, 1), 'fortran_order': False, 'descr': '|u1'}\n";
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    for version in [2, 3] {
        let bytes = [&b"\x93NUMPY"[..], &[version, 0], &length, header, &[5]].concat();
        assert_eq!(read::<Vector<1>>(bytes).unwrap().as_slice(), [5.0]);
    }
}

#[test]
fn labels_are_whole_numbers() {
    assert_eq!(read_labels(file("|u1", "(3,)", &[0, 9, 5])).unwrap().as_slice(), [0, 9, 5]);
    assert_eq!(read_labels(file("<i2", "(2, 1)", &[7, 0, 1, 0])).unwrap().as_slice(), [7, 1]);
    assert_eq!(
        reason(read_labels(file("|i1", "(2,)", &[0, 255]))),
        "byte 129: label -1 is not one of 10 classes, 0 to 9"
    );
    assert_eq!(
        reason(read_labels(file("<f8", "(1,)", &1.5_f64.to_le_bytes()))),
        "byte 128: label 1.5 is not one of 10 classes, 0 to 9"
    );
    assert_eq!(
        reason(read_labels(file("<f8", "(1,)", &f64::NAN.to_le_bytes()))),
        "byte 128: label NaN is not one of 10 classes, 0 to 9"
    );
    assert_eq!(
        reason(read_labels(file("|u1", "(2, 2)", &[0; 4]))),
        "byte 128: the shape is (2, 2), but must be (n) or (n, 1)"
    );
}

#[test]
fn mistakes_are_refused_with_place_and_numbers() {
    let good = file("|u1", "(1, 2)", &[1, 2]);
    let header = |header: &str| with_header(header, &[1, 2]);
    let cases: [(Vec<u8>, &str); 15] = [
        (vec![], "byte 0: an array of NumPy begins with the byte 147 and NUMPY"),
        (b"PK\x03\x04 a zip archive".to_vec(), "byte 0: an array of NumPy begins with the byte 147 and NUMPY"),
        (b"\x93NUMPY\x04\x00".to_vec(), "byte 6: format version 4 is none of 1, 2 and 3"),
        (good[..8].to_vec(), "byte 8: the file ends in its header"),
        (good[..50].to_vec(), "byte 50: the length in bytes must be 128, but is 50"),
        (good[..129].to_vec(), "byte 129: the length in bytes must be 130, but is 129"),
        ([&good[..], &[3]].concat(), "byte 130: the length in bytes must be 130, but is 131"),
        (
            file("<f8", "(4294967296, 4294967296)", &[]),
            "byte 128: the length in bytes must be 18446744073709551615, but is 128",
        ),
        (file("|u1", "(2, 1)", &[1, 2]), "byte 128: the shape is (2, 1), but must be (n, 2)"),
        (file("|u1", "()", &[1]), "byte 128: the shape is (), but must be (n, 2)"),
        (file("<c8", "(1, 2)", &[0; 16]), "byte 10: the type <c8 is no number"),
        (
            header("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1, 2), }"),
            "byte 10: the type of several fields is no number",
        ),
        (
            header("{'descr': '|u1', 'fortran_order': 1, 'shape': (1, 2), }"),
            "byte 10: the header's `fortran_order` is neither True nor False",
        ),
        (header("{'descr': '|u1', 'fortran_order': False, }"), "byte 10: the header has no `shape`"),
        (file("|u1", "(-1, 2)", &[1, 2]), "byte 10: `-1` in the header's `shape` is no size"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(reason(read::<Vector<2>>(bytes)), expected);
    }
    assert_eq!(
        reason(read::<Image<1, 2, 2>>(file("|u1", "(1, 2)", &[1, 2]))),
        "byte 128: the shape is (1, 2), but must be (n, 1, 2, 2) or (n, 2, 2)"
    );
    let infinite = [1.0_f32.to_le_bytes(), f32::INFINITY.to_le_bytes()].concat();
    assert_eq!(reason(read::<Vector<2>>(file("<f4", "(1, 2)", &infinite))), "byte 132: inf is not a finite f64");
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(damage in damage(), by_column: bool) {
        let good = file("<f4", "(3, 2)", &[0; 24]);
        let good = if by_column { String::from_utf8_lossy(&good[10..]).replace("False", "True ") } else { String::from_utf8_lossy(&good[10..]).into_owned() };
        let bytes = damage.to(&[&file("<f4", "(3, 2)", &[])[..10], good.as_bytes()].concat());
        if let Ok(batch) = read::<Vector<2>>(&bytes) {
            prop_assert!(batch.as_slice().iter().all(|value| value.is_finite()));
        }
        let _ = read_labels(&bytes);
    }

    #[test]
    fn damaged_headers_do_no_harm(damage in damage()) {
        let bytes = file("|u1", "(1, 2)", &[1, 2]);
        let _ = read::<Vector<2>>([&damage.to(&bytes[..70]), &bytes[70..]].concat());
    }
}
