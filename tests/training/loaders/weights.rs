//! Parameters in NumPy's `.npz` files: what is saved comes back, what NumPy has written loads, and what is wrong with a file is said without harm.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use shapewright::prelude::*;
use shapewright::{Element, Error};

use super::npy::file;
use super::npz::archive;
use crate::folder::Folder;

net! { Small: Image<1, 6, 6> => Vector<3> =
conv(1=>2, k3, nobias) >> größe: batchnorm >> relu >> pool2 >> flatten >> out: dense(3) }

// The network of `tests/weights/tiny.py`.
net! { Normed: Vector<3> => Vector<2> = dense(2) >> batchnorm >> relu >> dense(2) >> batchnorm }

fn numpys(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/weights").join(name)
}

/// All parameters and running statistics by name.
fn all<N: shapewright::Network, E: Element>(model: &Model<N, E>) -> Vec<(String, Vec<usize>, Vec<E>)> {
    let all = model.params().chain(model.statistics());
    all.map(|param| (param.name.to_owned(), param.dims.to_vec(), param.values.to_vec())).collect()
}

/// Loads what must be refused, checks that the model is as it was, and says why.
fn refused(path: &Path) -> String {
    let mut model = Model::new(Normed, 5);
    let before = all(&model);
    let error = model.load_npz(path).unwrap_err();
    assert_eq!(all(&model), before);
    let Error::File { path: named, source } = error else { panic!("{error} does not name a file") };
    assert!(named.starts_with(path), "{}", named.display());
    source.to_string()
}

#[test]
fn a_round_trip_keeps_every_bit() {
    fn check<E: Element>(folder: &Folder) {
        let mut model = Model::new(Small, 1).cast::<E>();
        model.statistic_mut("größe.running_var").unwrap().values[1] = E::from_f64(1.0 / 3.0);
        let path = folder.path().join("small.npz");
        model.save_npz(&path).unwrap();
        let first = fs::read(&path).unwrap();
        let mut fresh = Model::new(Small, 2).cast::<E>();
        let loaded = fresh.load_npz(&path).unwrap();
        assert_eq!(all(&fresh), all(&model));
        assert_eq!((loaded.names.len(), loaded.differences.len(), loaded.same_network), (7, 0, None));
        fresh.save_npz(&path).unwrap(); // over the old one
        assert_eq!(fs::read(&path).unwrap(), first);
    }
    let folder = Folder::new("weights-trip");
    check::<f32>(&folder);
    check::<f64>(&folder);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1); // nothing temporary is left
    let mut single = Model::new(Small, 3);
    single.load_npz(folder.path().join("small.npz")).unwrap(); // from f64
    assert_eq!(single.parameters(), Model::new(Small, 1).parameters());
}

#[test]
fn what_numpy_has_written_loads() {
    let expected = Model::open(Normed, numpys("normed.safetensors")).unwrap();
    for name in ["normed.npz", "normed_packed.npz"] {
        let mut model = Model::new(Normed, 1);
        let loaded = model.load_npz(numpys(name)).unwrap();
        assert_eq!(loaded.to_string(), "12 tensors loaded", "{name}");
        assert_eq!(all(&model), all(&expected), "{name}");
    }
}

/// NumPy reads what is saved here. Needs `$SHAPEWRIGHT_PYTHON`, or `python3` in the path, with numpy.
#[test]
fn numpy_reads_what_is_saved() {
    const SCRIPT: &str = "
import sys
try:
    import numpy as np
except ImportError:
    sys.exit(77)
file = np.load(sys.argv[1])
print(*(f'{name} {file[name].dtype} {file[name].shape} {float(file[name].astype(np.float64).sum()):.9f}' for name in file.files), sep='\\n')
np.savez(sys.argv[2], **{name: file[name].astype(kind) for name, kind in zip(file.files, ['f2', 'f4', 'f8'] * 3)})
";
    let folder = Folder::new("weights-python");
    let [ours, theirs] = ["ours.npz", "theirs.npz"].map(|name| folder.path().join(name));
    let model = Model::new(Small, 1).cast::<f64>();
    model.save_npz(&ours).unwrap();
    let python = env::var("SHAPEWRIGHT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python).args(["-X", "utf8", "-c", SCRIPT]).args([&ours, &theirs]).output();
    match output {
        Err(error) => return eprintln!("skipped: {python}: {error}"),
        Ok(output) if output.status.code() == Some(77) => return eprintln!("skipped: {python} has no numpy"),
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let said = String::from_utf8(output.stdout).unwrap();
            let expected = all(&model).into_iter().map(|(name, dims, values)| {
                let dims = format!("{dims:?}").replace('[', "(").replace(']', if dims.len() == 1 { ",)" } else { ")" });
                format!("{name} float64 {dims} {:.9}", values.iter().sum::<f64>())
            });
            assert_eq!(
                said.lines().map(|line| line.replace("-0.000000000", "0.000000000")).collect::<Vec<_>>(),
                expected.collect::<Vec<_>>()
            );
        }
    }
    let mut back = Model::new(Small, 2);
    back.load_npz(&theirs).unwrap();
    for ((name, _, back), (_, _, model)) in all(&back).iter().zip(all(&model)) {
        let close = |(&back, &model): (&f32, &f64)| (f64::from(back) - model).abs() <= model.abs() / 1000.0;
        assert!(back.iter().zip(&model).all(close), "{name}");
    }
}

#[test]
fn every_difference_is_named() {
    net! { Other: Vector<3> => Vector<4> = dense(2) >> batchnorm >> relu >> dense(4, nobias) }
    let folder = Folder::new("weights-differences");
    let path = folder.path().join("other.npz");
    Model::new(Other, 1).save_npz(&path).unwrap();
    assert_eq!(
        refused(&path),
        "the file's parameters are not the network's: `3.weight` is [4, 2], but must be [2, 2]; `3.bias` [2] is missing; \
         `4.weight` [2] is missing; `4.bias` [2] is missing; `4.running_mean` [2] is missing; `4.running_var` [2] is missing"
    );
    let mut model = Model::new(Other, 1);
    let error = model.load_npz(numpys("normed.npz")).unwrap_err().to_string();
    assert!(
        error.contains(
            "`3.bias` [2] is unexpected; `4.bias` [2] is unexpected; `4.num_batches_tracked` [] is unexpected"
        ),
        "{error}"
    );
    let mut normed = Model::new(Normed, 1);
    normed.param_mut("3.weight").unwrap().values[2] = f32::NAN;
    let error = normed.save_npz(&path).unwrap_err();
    assert_eq!(error.to_string(), "`3.weight` is NaN at position 2, but must be a finite f32");
    Model::new(Other, 1).load_npz(&path).unwrap(); // the good file is still there
}

#[test]
fn other_numbers_and_wrong_files_are_refused() {
    let folder = Folder::new("weights-wrong");
    let good = fs::read(numpys("normed.npz")).unwrap();
    let with = |from: &[u8], to: &[u8]| {
        let mut bytes = good.clone();
        let at = bytes.windows(from.len()).position(|bytes| bytes == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
        refused(&folder.write("wrong.npz", bytes))
    };
    let checksum = with(b"<f4", b"<i4");
    assert!(checksum.starts_with("byte 60: the checksum must be "), "{checksum}");
    let (floats, whole) = (file("<f4", "(2, 3)", &[0; 24]), file("<i4", "(2, 3)", &[0; 24]));
    let of = |files: &[(&str, Vec<u8>)]| refused(&folder.write("of.npz", archive(files, false)));
    let first = |name: &str| of(&[("0.weight.npy", file(name, "(2, 3)", &[0; 48]))]);
    assert!(
        of(&[("0.weight.npy", whole)]).contains(": `0.weight` is of type <i4, but must be <f8, <f4 or <f2; `0.bias`")
    );
    assert!(first(">f8").contains(": `0.weight` is of type >f8, but must be <f8, <f4 or <f2; `0.bias`"));
    assert_eq!(first("<c8"), "byte 10: the type <c8 is no number");
    let twice = of(&[("0.weight.npy", floats.clone()), ("0.weight.npy", floats)]);
    assert!(twice.ends_with(": there are two arrays `0.weight`"), "{twice}");
    assert_eq!(
        refused(&folder.write("text.npz", "no archive")),
        "byte 10: the file does not end as a zip archive does"
    );
    assert_eq!(refused(&folder.write("text.npz", "")), "byte 0: the file does not end as a zip archive does");
    let mut model = Model::new(Normed, 1);
    assert!(matches!(model.load_npz(folder.path().join("none.npz")), Err(Error::Io { .. })));
    assert!(matches!(model.save_npz(folder.path()), Err(Error::Io { .. })));
}

#[test]
fn no_truncation_and_no_changed_byte_does_harm() {
    let folder = Folder::new("weights-damage");
    let path = folder.path().join("normed.npz");
    Model::new(Normed, 1).save_npz(&path).unwrap();
    for good in [fs::read(&path).unwrap(), fs::read(numpys("normed_packed.npz")).unwrap()] {
        for length in (0..good.len()).step_by(37) {
            refused(&folder.write("cut.npz", &good[..length]));
        }
        let mut model = Model::new(Normed, 2);
        let mut refused = 0;
        for position in (0..good.len()).step_by(11) {
            let mut bytes = good.clone();
            bytes[position] ^= 0x11;
            refused += usize::from(model.load_npz(folder.write("changed.npz", bytes)).is_err());
        }
        // What is not read are dates, versions and what else stands twice.
        assert!(22 * refused > good.len(), "{refused} of {}", good.len());
    }
}
