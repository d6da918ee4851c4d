//! IDX files, read at once and as they are asked for; MNIST's four.

use proptest::prelude::*;
use shapewright::data::{IdxFile, Source, fashion_mnist, idx, mnist};
use shapewright::prelude::*;

use super::bytes::{damage, gzip};
use super::reason;
use crate::folder::Folder;

type Tiny = Image<1, 2, 3>;

/// A header and bytes.
fn file(magic: u32, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let header: Vec<u8> = [&[magic], sizes].concat().iter().flat_map(|number| number.to_be_bytes()).collect();
    [&header, bytes].concat()
}

/// Two images of 2×3.
fn images() -> Vec<u8> {
    file(2051, &[2, 2, 3], &[0, 51, 102, 153, 204, 255, 255, 0, 255, 0, 255, 0])
}

fn labels() -> Vec<u8> {
    file(2049, &[2], &[3, 9])
}

#[test]
fn values_are_exact_packed_or_not() {
    let folder = Folder::new("idx-values");
    let plain = [folder.write("images", images()), folder.write("labels", labels())];
    let packed = [folder.write("images.gz", gzip(&images())), folder.write("labels.gz", gzip(&labels()))];
    for [images, labels] in [&plain, &packed] {
        let data: Dataset<Tiny, 10> = idx(images, labels).unwrap();
        assert_eq!(data.inputs().sample(0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(data.inputs().sample(1), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(data.labels().as_slice(), [3, 9]);
    }
}

#[test]
fn other_shapes_state_all_their_sizes() {
    let folder = Folder::new("idx-shapes");
    let labels = folder.write("labels", file(2049, &[1], &[0]));
    let vectors = folder.write("vectors", file(0x0802, &[1, 4], &[255, 0, 255, 0]));
    assert_eq!(idx::<Vector<4>, 1>(vectors, &labels).unwrap().inputs().as_slice(), [1.0, 0.0, 1.0, 0.0]);
    let colours = folder.write("colours", file(0x0804, &[1, 3, 1, 1], &[255, 0, 51]));
    assert_eq!(idx::<Image<3, 1, 1>, 1>(colours, &labels).unwrap().inputs().as_slice(), [1.0, 0.0, 0.2]);
}

#[test]
fn a_file_that_is_read_in_pieces_gives_the_same() {
    let folder = Folder::new("idx-pieces");
    let (images, labels) = (folder.write("images", images()), folder.write("labels", labels()));
    let file = IdxFile::<Tiny, 10>::open(&images, &labels).unwrap();
    let all: Dataset<Tiny, 10> = idx(&images, &labels).unwrap();
    for indices in [&[][..], &[1], &[1, 0, 1]] {
        let some = all.select(indices);
        assert_eq!(file.batch(0, indices).unwrap(), (some.inputs().clone(), some.labels().clone()));
    }
    assert_eq!(Dataset::load(&file).unwrap(), all);

    // The file was made shorter after it was opened.
    folder.write("images", [0; 20]);
    let error = file.batch(0, &[0]).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: ", images.display())), "{error}");
}

/// Every way in which an IDX file can be wrong, with what is said about it.
#[test]
fn mistakes_are_refused_with_place_and_numbers() {
    let good = images();
    let sized = |count, rows, columns| file(2051, &[count, rows, columns], &good[16..]);
    let cases: [(&str, Vec<u8>, &str); 11] = [
        ("labels for images", labels(), "byte 0: the magic number must be 2051, but is 2049"),
        ("another type", file(0x0D03, &[2, 2, 3], &[0; 12]), "byte 0: the magic number must be 2051, but is 3331"),
        ("none", file(2051, &[0, 2, 3], &[]), "byte 4: there are no samples"),
        ("rows", sized(2, 3, 2), "byte 8: the number of rows must be 2, but is 3"),
        ("columns", sized(2, 2, 28), "byte 12: the number of columns must be 3, but is 28"),
        ("nothing", vec![], "byte 0: the length in bytes must be 4, but is 0"),
        ("half a header", good[..10].to_vec(), "byte 10: the length in bytes must be 12, but is 10"),
        ("cut off", good[..27].to_vec(), "byte 27: the length in bytes must be 28, but is 27"),
        ("drawn out", [&good[..], &[7, 7]].concat(), "byte 28: the length in bytes must be 28, but is 30"),
        ("a count of 4 Gi", sized(u32::MAX, 2, 3), "byte 28: the length in bytes must be 25769803786, but is 28"),
        (
            "packed and cut off",
            gzip(&good[..20]),
            "byte 20 of the unpacked data: the length in bytes must be 28, but is 20",
        ),
    ];
    let folder = Folder::new("idx-mistakes");
    let labels = folder.write("labels", labels());
    for (name, bytes, expected) in cases {
        let images = folder.write(name, bytes);
        assert_eq!(reason(idx::<Tiny, 10>(&images, &labels)), expected, "{name}");
        if !name.starts_with("packed") {
            assert_eq!(reason(IdxFile::<Tiny, 10>::open(&images, &labels)), expected, "{name}, in pieces");
        }
    }
    let images = folder.write("good", good);
    for (name, labels, expected) in [
        ("a class", file(2049, &[2], &[3, 10]), "byte 9: label 10 is not one of 10 classes, 0 to 9"),
        ("a number", file(2049, &[1], &[3]), "the number of samples is 2, but the number of targets is 1"),
    ] {
        let labels = folder.write(name, labels);
        assert_eq!(reason(idx::<Tiny, 10>(&images, &labels)), expected);
        assert_eq!(reason(IdxFile::<Tiny, 10>::open(&images, &labels)), expected);
    }
}

#[test]
fn broken_gzip_data_is_refused() {
    let folder = Folder::new("idx-gzip");
    let labels = folder.write("labels", labels());
    let packed = gzip(&images());
    let read = |bytes: &[u8]| reason(idx::<Tiny, 10>(folder.write("images", bytes), &labels));
    assert_eq!(read(&packed[..packed.len() - 6]), "byte 28 of the unpacked data: the gzip data breaks off");
    let mut checksum = packed.clone();
    checksum[packed.len() - 5] ^= 1;
    assert!(read(&checksum).starts_with("byte 28 of the unpacked data: the gzip data is corrupt: "));
    let trailing = read(&[&packed[..], b"more"].concat());
    assert!(trailing.starts_with("byte 28 of the unpacked data: the gzip data "), "{trailing}");
    folder.write("images", packed);
    assert_eq!(
        reason(IdxFile::<Tiny, 10>::open(folder.path().join("images"), &labels)),
        "byte 0: the file is packed by gzip, but can only be read in any order when it is unpacked"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = idx::<Tiny, 10>("no/images", "no/labels").unwrap_err().to_string();
    assert!(error.starts_with("no/images: "), "{error}");
}

#[test]
fn mnist_is_found_where_torchvision_puts_it() {
    let folder = Folder::new("mnist");
    let pictures = |count: u32| file(2051, &[count, 28, 28], &vec![255; 784 * count as usize]);
    folder.write("MNIST/raw/train-images-idx3-ubyte", pictures(3));
    folder.write("MNIST/raw/train-labels-idx1-ubyte.gz", gzip(&file(2049, &[3], &[7, 2, 1])));
    folder.write("t10k-images-idx3-ubyte.gz", gzip(&pictures(1)));
    let missing = mnist(folder.path()).unwrap_err().to_string();
    let place = folder.path().display();
    assert_eq!(
        missing,
        format!(
            "`t10k-labels-idx1-ubyte` of the MNIST database of handwritten digits (http://yann.lecun.com/exdb/mnist/) is not there; \
             looked for {place}/t10k-labels-idx1-ubyte, {place}/t10k-labels-idx1-ubyte.gz, \
             {place}/MNIST/raw/t10k-labels-idx1-ubyte, {place}/MNIST/raw/t10k-labels-idx1-ubyte.gz"
        )
    );
    folder.write("t10k-labels-idx1-ubyte", file(2049, &[1], &[4]));
    let (train, test) = mnist(folder.path()).unwrap();
    assert_eq!((train.labels().as_slice(), test.labels().as_slice()), (&[7, 2, 1][..], &[4][..]));
    assert_eq!(train.class_names().unwrap()[9], "9");

    let missing = fashion_mnist(folder.path()).unwrap_err().to_string();
    assert!(missing.contains("of Fashion-MNIST (https://github.com/zalandoresearch/fashion-mnist)"), "{missing}");
    std::fs::rename(folder.path().join("MNIST"), folder.path().join("FashionMNIST")).unwrap();
    let (train, _) = fashion_mnist(folder.path()).unwrap();
    assert_eq!(train.class_names().unwrap()[9], "Ankle boot");
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(damage in damage(), packed: bool) {
        let folder = Folder::new("idx-damage");
        let bytes = if packed { gzip(&images()) } else { images() };
        let images = folder.write("images", damage.to(&bytes));
        let labels = folder.write("labels", labels());
        let read = idx::<Tiny, 10>(&images, &labels);
        prop_assert!(read.is_ok_and(|data| data.len() == 2) || idx::<Tiny, 10>(&images, &labels).is_err());
        if let Ok(file) = IdxFile::<Tiny, 10>::open(&images, &labels) {
            prop_assert!(file.batch(0, &[1, 0]).is_ok());
        }
        let labels = folder.write("labels", damage.to(&bytes));
        let _ = idx::<Tiny, 10>(&images, labels);
    }
}
