//! Parameters in files: what is saved comes back, and what is wrong with a file is said without harm.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use shapewright::prelude::*;
use shapewright::{Element, Error};

net! { Small: Image<1, 6, 6> => Vector<3> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> out: dense(3) }
net! { Other: Image<1, 6, 6> => Vector<4> = conv(1=>2, k3, nobias) >> relu >> pool2 >> flatten >> last: dense(4) }

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = env::temp_dir().join(format!("shapewright-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn inputs<E: Element>() -> Batch<Image<1, 6, 6>, E> {
    Batch::from_fn(5, |sample, index| E::from_f64(((sample * 36 + index) as f64).sin()))
}

/// The bytes of a file of F32 tensors.
fn bytes_of(tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, dims, _), bytes)| (name, view(Dtype::F32, dims, bytes)));
    serialize(views, None).unwrap()
}

fn view<'a>(dtype: Dtype, dims: &[usize], bytes: &'a [u8]) -> TensorView<'a> {
    TensorView::new(dtype, dims.to_vec(), bytes).unwrap()
}

/// The bytes of a file with this header and so many bytes of values.
fn with_header(header: &str, values: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; values]].concat()
}

/// Loads what must be refused, checks that the model is as it was, and returns the error.
fn refused(bytes: &[u8]) -> Error {
    let mut model = Model::new(Small, 5);
    let before = model.clone();
    let error = model.load_safetensors(bytes).unwrap_err();
    assert_eq!(model.parameters(), before.parameters());
    error
}

#[test]
fn pytorchs_count_of_batches_is_passed_over() {
    use shapewright::dsl::*;
    let mut model = Model::new((dense!(2) >> batchnorm).on::<Vector<3>>(), 1);
    let mut tensors: Vec<(&str, &[usize], &[f32])> = vec![
        ("0.weight", &[2, 3], &[1.0; 6]),
        ("0.bias", &[2], &[2.0; 2]),
        ("1.weight", &[2], &[3.0; 2]),
        ("1.bias", &[2], &[4.0; 2]),
        ("1.running_mean", &[2], &[5.0, 6.0]),
        ("1.running_var", &[2], &[7.0, 8.0]),
        ("1.num_batches_tracked", &[], &[9.0]),
    ];
    model.load_safetensors(&bytes_of(&tensors)).unwrap();
    assert_eq!(model.statistic("1.running_var").unwrap().values, [7.0, 8.0]);
    assert_eq!(model.statistic("1.running_mean").unwrap().values, [5.0, 6.0]);
    assert_eq!(model.param("1.bias").unwrap().values, [4.0; 2]);
    let saved = model.to_safetensors().unwrap();
    assert!(SafeTensors::deserialize(&saved).unwrap().names().iter().all(|name| !name.contains("tracked")));
    tensors[6].0 = "0.num_batches_tracked"; // of a stage without running statistics
    let error = model.load_safetensors(&bytes_of(&tensors)).unwrap_err();
    assert!(error.to_string().contains("`0.num_batches_tracked` [] is unexpected"), "{error}");
}

#[test]
fn a_round_trip_keeps_every_bit() {
    let folder = Folder::new("round-trip");
    let path = folder.file("small.safetensors");
    let saved = Model::new(Small, 1);
    saved.save(&path).unwrap();
    let mut loaded = Model::new(Small, 2);
    assert_ne!(loaded.forward(&inputs()), saved.forward(&inputs()));
    loaded.load(&path).unwrap();
    assert_eq!(loaded.parameters(), saved.parameters());
    assert_eq!(loaded.forward(&inputs()), saved.forward(&inputs()));
    assert_eq!(folder.names(), ["small.safetensors"]);

    let saved = saved_in_f64();
    saved.save(&path).unwrap();
    let mut loaded = Model::new(Small, 2).cast::<f64>();
    loaded.load(&path).unwrap();
    assert_eq!(loaded.parameters(), saved.parameters());
    assert_eq!(loaded.forward(&inputs()), saved.forward(&inputs()));
}

/// A model whose parameters are no `f32` numbers.
fn saved_in_f64() -> Model<Small, f64> {
    let mut model = Model::new(Small, 1).cast::<f64>();
    model.parameters_mut().iter_mut().for_each(|value| *value = *value * 1.1 + 0.1);
    model
}

#[test]
fn element_types_convert() {
    let single = Model::new(Small, 1);
    let mut double = Model::new(Small, 2).cast::<f64>();
    double.load_safetensors(&single.to_safetensors().unwrap()).unwrap();
    assert_eq!(double.parameters(), single.cast::<f64>().parameters());

    let double = saved_in_f64();
    let mut single = Model::new(Small, 2);
    single.load_safetensors(&double.to_safetensors().unwrap()).unwrap();
    assert_eq!(single.parameters(), double.cast::<f32>().parameters());
}

#[test]
fn the_file_is_what_other_programs_read() {
    let model = Model::new(Small, 1);
    let bytes = model.to_safetensors().unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shapes: BTreeMap<_, _> = file.iter().map(|(name, stored)| (name, stored.shape().to_vec())).collect();
    let expected =
        [("0.bias", vec![2]), ("0.weight", vec![2, 1, 3, 3]), ("out.bias", vec![3]), ("out.weight", vec![3, 8])];
    assert_eq!(shapes, BTreeMap::from(expected));
    let weight = file.tensor("out.weight").unwrap();
    assert_eq!(weight.dtype(), Dtype::F32);
    let values: Vec<f32> = weight.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    assert_eq!(values, model.param("out.weight").unwrap().values);
    let bytes = model.cast::<f64>().to_safetensors().unwrap();
    assert_eq!(SafeTensors::deserialize(&bytes).unwrap().tensor("0.bias").unwrap().dtype(), Dtype::F64);
}

#[test]
fn every_difference_is_named() {
    let Error::Weights { differences } = refused(&Model::new(Other, 1).to_safetensors().unwrap()) else { panic!() };
    let expected = [
        "`0.bias` [2] is missing",
        "`out.weight` [3, 8] is missing",
        "`out.bias` [3] is missing",
        "`last.bias` [4] is unexpected",
        "`last.weight` [4, 8] is unexpected",
    ];
    assert_eq!(differences, expected);

    let wrong = bytes_of(&[
        ("0.weight", &[2, 1, 3, 3], &[0.5; 18]),
        ("0.bias", &[2], &[0.5; 2]),
        ("out.weight", &[8, 3], &[0.5; 24]),
        ("out.bias", &[3, 1], &[0.5; 3]),
        ("steps", &[], &[0.5]),
    ]);
    let message = "the file's parameters are not the network's: `out.weight` is [8, 3], but must be [3, 8]; \
        `out.bias` is [3, 1], but must be [3]; `steps` [] is unexpected";
    assert_eq!(refused(&wrong).to_string(), message);
}

#[test]
fn other_number_types_are_refused() {
    let mut bytes = vec![Vec::new(); 4];
    let tensors =
        [("0.weight", vec![2, 1, 3, 3]), ("0.bias", vec![2]), ("out.weight", vec![3, 8]), ("out.bias", vec![3])];
    for (bytes, (_, dims)) in bytes.iter_mut().zip(&tensors) {
        bytes.resize(2 * dims.iter().product::<usize>(), 0);
    }
    let views = tensors.iter().zip(&bytes).map(|((name, dims), bytes)| (name, view(Dtype::BF16, dims, bytes)));
    let Error::Weights { differences } = refused(&serialize(views, None).unwrap()) else { panic!() };
    assert_eq!(differences.len(), 4);
    assert_eq!(differences[3], "`out.bias` is of type BF16, but must be F32 or F64");
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let mut weight = [0.5; 24];
    weight[17] = f32::NAN;
    let with = |weight: &[f32]| {
        bytes_of(&[
            ("0.weight", &[2, 1, 3, 3], &[0.5; 18]),
            ("0.bias", &[2], &[0.5; 2]),
            ("out.weight", &[3, 8], weight),
            ("out.bias", &[3], &[0.5; 3]),
        ])
    };
    let error = refused(&with(&weight));
    assert!(matches!(&error, Error::NonFinite { name, position: 17, .. } if name == "out.weight"));
    assert_eq!(error.to_string(), "`out.weight` is NaN at position 17, but must be a finite f32");
    weight[17] = f32::NEG_INFINITY;
    assert_eq!(refused(&with(&weight)).to_string(), "`out.weight` is -inf at position 17, but must be a finite f32");

    let mut large = Model::new(Small, 1).cast::<f64>();
    large.param_mut("0.bias").unwrap().values[1] = 1e300;
    let error = refused(&large.to_safetensors().unwrap());
    assert_eq!(error.to_string(), "`0.bias` is 1e300 at position 1, but must be a finite f32");
}

#[test]
fn every_truncation_is_refused() {
    let bytes = Model::new(Small, 1).to_safetensors().unwrap();
    for length in 0..bytes.len() {
        let error = refused(&bytes[..length]);
        assert!(matches!(error, Error::Format { .. }), "{length} of {} bytes: {error}", bytes.len());
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(refused(&longer), Error::Format { .. }));
}

#[test]
fn no_changed_byte_does_harm() {
    let bytes = Model::new(Small, 1).to_safetensors().unwrap();
    let mut model = Model::new(Small, 2);
    let mut refused = 0;
    for position in 0..bytes.len() {
        for change in [0x01, 0x10, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[position] ^= change;
            refused += usize::from(model.load_safetensors(&bytes).is_err());
        }
    }
    assert!(refused > 800, "{refused}"); // nearly all of the header's
}

#[test]
fn garbage_is_refused() {
    let giant = usize::MAX / 8;
    let entries: Vec<String> = (0..8)
        .map(|index| {
            format!(
                r#""{index}":{{"dtype":"U8","shape":[{giant}],"data_offsets":[{},{}]}}"#,
                index * giant,
                (index + 1) * giant
            )
        })
        .collect();
    let overflowing = with_header(&format!("{{{}}}", entries.join(",")), 0);
    let overlapping = r#"{"0.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"out.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let cases = [
        Vec::new(),
        b"not a file of tensors at all".to_vec(),
        vec![0xff; 64],
        vec![0; 64],
        with_header("", 0),
        with_header("[]", 0),
        with_header("{", 0),
        with_header(r#"{"0.bias":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8),
        with_header(r#"{"0.bias":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8),
        with_header(r#"{"0.bias":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8),
        with_header(overlapping, 8),
        overflowing,
    ];
    for bytes in cases {
        let error = refused(&bytes);
        assert!(matches!(error, Error::Format { .. }), "{}: {error}", String::from_utf8_lossy(&bytes));
    }
    assert!(matches!(refused(&with_header("{}", 0)), Error::Weights { differences } if differences.len() == 4));
}

#[test]
fn the_bad_one_of_several_files_is_named() {
    let folder = Folder::new("several");
    let (broken, other) = (folder.file("broken.safetensors"), folder.file("other.safetensors"));
    fs::write(&broken, "no weights").unwrap();
    Model::new(Other, 1).save(&other).unwrap();
    let mut model = Model::new(Small, 1);
    let mut refused = |path: &Path| {
        let error = model.load(path).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{}: ", path.display())), "{error}");
        let Error::File { path: named, source } = error else { panic!("{error}") };
        assert_eq!(named, path);
        *source
    };
    assert!(matches!(refused(&broken), Error::Format { .. }));
    assert!(matches!(refused(&other), Error::Weights { .. }));
}

#[test]
fn paths_that_cannot_be_are_named() {
    let folder = Folder::new("paths");
    let mut model = Model::new(Small, 1);
    fs::write(folder.file("file"), "here").unwrap();
    fs::create_dir(folder.file("folder")).unwrap();
    fs::write(folder.file("folder/inside"), "here").unwrap();
    for name in ["missing/small.safetensors", "file/small.safetensors", "folder", "folder/.."] {
        let path = folder.file(name);
        let error = model.save(&path).unwrap_err();
        assert!(matches!(&error, Error::Io { path: named, .. } if *named == path), "{error}");
        assert!(error.to_string().starts_with(&format!("{}: ", path.display())), "{error}");
        assert!(matches!(model.load(&path), Err(Error::Io { path: named, .. }) if named == path));
    }
    assert!(matches!(model.save(""), Err(Error::Io { .. })));
    assert_eq!(folder.names().len(), 2);
    assert_eq!(fs::read_to_string(folder.file("folder/inside")).unwrap(), "here");
}

#[test]
fn a_diverged_model_does_not_replace_a_good_file() {
    let folder = Folder::new("diverged");
    let path = folder.file("small.safetensors");
    let mut model = Model::new(Small, 1);
    model.save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    model.param_mut("out.weight").unwrap().values[3] = f32::NAN;
    let error = model.save(&path).unwrap_err();
    assert_eq!(error.to_string(), "`out.weight` is NaN at position 3, but must be a finite f32");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(folder.names(), ["small.safetensors"]);
}

/// Runs this test again where no file may grow, as on a full disk.
#[cfg(unix)]
#[test]
fn an_existing_file_survives_a_full_disk() {
    const PATH: &str = "SHAPEWRIGHT_TEST_FULL_DISK";
    if let Some(path) = env::var_os(PATH) {
        let error = Model::new(Small, 2).save(Path::new(&path)).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
        return;
    }
    let folder = Folder::new("full");
    let path = folder.file("small.safetensors");
    Model::new(Small, 1).save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let again = std::process::Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; ulimit -f 0; exec "$0" --exact an_existing_file_survives_a_full_disk"#])
        .arg(env::current_exe().unwrap())
        .env(PATH, &path)
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(folder.names(), ["small.safetensors"]);
}
