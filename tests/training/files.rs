//! Parameters in files: what is saved comes back, and what is wrong with a file is said without harm.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use shapewright::data::Normalisation;
use shapewright::prelude::*;
use shapewright::{Card, Element, Embedded, Error, include_weights};

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

/// A file of `Small`'s tensors, their values in another type.
fn small_in(dtype: Dtype, encode: impl Fn(f32) -> Vec<u8>) -> Vec<u8> {
    let model = Model::new(Small, 1);
    let bytes: Vec<Vec<u8>> =
        model.params().map(|param| param.values.iter().flat_map(|&value| encode(value)).collect()).collect();
    let views = model.params().zip(&bytes).map(|(param, bytes)| (param.name, view(dtype, param.dims, bytes)));
    serialize(views, None).unwrap()
}

#[test]
fn halves_are_converted() {
    let expected = Model::new(Small, 1);
    let mut model = Model::new(Small, 2);
    model.load_safetensors(&small_in(Dtype::F16, |value| half::f16::from_f32(value).to_le_bytes().into())).unwrap();
    for (&loaded, &value) in model.parameters().iter().zip(expected.parameters()) {
        assert_eq!(loaded, half::f16::from_f32(value).to_f32());
    }
    model.load_safetensors(&small_in(Dtype::BF16, |value| half::bf16::from_f32(value).to_le_bytes().into())).unwrap();
    for (&loaded, &value) in model.parameters().iter().zip(expected.parameters()) {
        assert_eq!(loaded, half::bf16::from_f32(value).to_f32());
    }
}

#[test]
fn other_number_types_are_refused() {
    let Error::Weights { differences } = refused(&small_in(Dtype::I16, |_| vec![0, 0])) else { panic!() };
    assert_eq!(differences.len(), 4);
    assert_eq!(differences[3], "`out.bias` is of type I16, but must be F64, F32, F16 or BF16");
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
fn every_rule_of_the_format_is_checked() {
    let tensor = |name: &str, shape: &str, start: usize, end: usize| {
        format!(r#""{name}":{{"dtype":"F32","shape":{shape},"data_offsets":[{start},{end}]}}"#)
    };
    let one = |shape: &str, start: usize, end: usize| format!("{{{}}}", tensor("0.bias", shape, start, end));
    let two = |[a, b]: [usize; 2], [c, d]: [usize; 2]| {
        format!("{{{},{}}}", tensor("0.bias", "[2]", a, b), tensor("out.bias", "[2]", c, d))
    };
    let cases = [
        (String::new(), 0, "the header does not begin with {"),
        (" {}".to_owned(), 0, "the header does not begin with {"),
        ("[]".to_owned(), 0, "the header does not begin with {"),
        ("{".to_owned(), 0, "a string in quotes is expected"),
        ("{}{".to_owned(), 0, "more follows behind the header's }"),
        ("{,}".to_owned(), 0, "a string in quotes is expected"),
        (r#"{"a"}"#.to_owned(), 0, "a colon is expected behind a name"),
        (r#"{"a":1}"#.to_owned(), 0, "tensor `a`: it is not an object"),
        (r#"{"a":{}}"#.to_owned(), 0, "tensor `a`: a string in quotes is expected"),
        (r#"{"a":{"dtype":"F32"}}"#.to_owned(), 0, "tensor `a`: it has no dtype, no shape or no data_offsets"),
        (r#"{"a":{"dtype":"F32","dtype":"F32"}}"#.to_owned(), 0, "tensor `a`: it has another key than dtype, shape"),
        (r#"{"a":{"dtype":"F32","kind":"F32"}}"#.to_owned(), 0, "tensor `a`: it has another key than dtype, shape"),
        (
            format!("{{{}", tensor("a", "[]", 0, 4).replace("]}", "],\"dtype\":\"F32\"}}")),
            4,
            "tensor `a`: it has more than",
        ),
        (one("[2]", 0, 8).replace("F32", "F31"), 8, "tensor `0.bias`: its dtype is not one of the format's, at byte 9"),
        (one("[-2]", 0, 8), 8, "tensor `0.bias`: a whole number is expected"),
        (one("[2.0]", 0, 8), 8, "tensor `0.bias`: a comma or ] is expected between numbers"),
        (one("[02]", 0, 8), 8, "tensor `0.bias`: a number begins with 0"),
        (one("[99999999999999999999]", 0, 8), 8, "tensor `0.bias`: a number is too large"),
        (one("[1,1,1,1,1,1,1,1,2]", 0, 8), 8, "tensor `0.bias`: there are more than 8 numbers"),
        (one("[2]", 0, 8).replace("[0,8]", "[0,8,9]"), 8, "tensor `0.bias`: data_offsets are not two numbers"),
        (one("[4294967296,4294967296]", 0, 8), 8, "tensor `0.bias`: it has more bytes than there are numbers for"),
        (one("[18446744073709551615,2,0]", 0, 0), 0, "tensor `0.bias`: it has more bytes than there are numbers for"),
        (
            one("[3]", 0, 8),
            8,
            "tensor `0.bias`: its bytes are not as many as its shape and dtype ask for (expected 12, found 8), at byte 9",
        ),
        (one("[2]", 8, 0), 8, "tensor `0.bias`: it ends before it begins (expected 8, found 0)"),
        (one("[4]", 0, 16), 8, "tensor `0.bias`: the file ends before its bytes do (expected 16, found 8)"),
        (one("[2]", 0, 8), 12, "bytes behind the last tensor belong to none (expected 8, found 12)"),
        (one("[2]", 4, 12), 12, "tensor `0.bias`: bytes before it belong to none (expected 0, found 4)"),
        ("{}".to_owned(), 1, "bytes behind the last tensor belong to none (expected 0, found 1), at byte 10"),
        (two([0, 8], [0, 8]), 8, "tensor `out.bias`: its bytes overlap with another's (expected 8, found 0)"),
        (two([0, 8], [4, 12]), 12, "tensor `out.bias`: its bytes overlap with another's (expected 8, found 4)"),
        (two([12, 20], [0, 8]), 20, "tensor `0.bias`: bytes before it belong to none (expected 8, found 12)"),
        (two([0, 8], [8, 16]).replace("out.bias", "0.bias"), 16, "there are two tensors `0.bias`"),
        (two([0, 8], [8, 16]).replace("out.bias", r"\u0030.b\u0069as"), 16, "there are two tensors `0.bias`"),
        (r#"{"__metadata__":[]}"#.to_owned(), 0, "__metadata__ is not an object"),
        (r#"{"__metadata__":{"a":1}}"#.to_owned(), 0, "a string in quotes is expected"),
        (r#"{"__metadata__":{"a":"1","a":"1"}}"#.to_owned(), 0, "there are two metadata `a`"),
        (r#"{"__metadata__":{},"__metadata__":{}}"#.to_owned(), 0, "there is a second __metadata__"),
        (r#"{"a"#.to_owned(), 0, "a string does not end"),
        ("{\"a\n".to_owned(), 0, "a control character stands in a string"),
        (r#"{"\x":"#.to_owned(), 0, "an escape is not one of JSON's"),
        (r#"{"\ud800":"#.to_owned(), 0, "an escape is no character"),
        (r#"{"\u00g0":"#.to_owned(), 0, "an escape is no character"),
    ];
    for (header, values, expected) in cases {
        let error = refused(&with_header(&header, values));
        let Error::Format { reason } = &error else { panic!("{header}: {error}") };
        assert!(reason.starts_with(expected), "{header}: {error}");
        assert!(reason.contains(", at byte ") || expected.contains("two"), "{error}");
        assert!(
            SafeTensors::deserialize(&with_header(&header, values)).is_err()
                || ["two", "kind", "dtype\":\"F32\"}", "1,1,1", " {}"]
                    .iter()
                    .any(|known| header.contains(known) || expected.contains(known)),
            "{header}: the safetensors crate takes it"
        );
    }
    let cases = [
        (Vec::new(), "there are not even the 8 bytes of the header's length, at byte 0"),
        (vec![0; 7], "there are not even the 8 bytes of the header's length, at byte 7"),
        (vec![0xff; 64], "the header is longer than 100,000,000 bytes, at byte 0"),
        (with_header("{}", 0)[..9].to_vec(), "the file ends within the header (expected 10, found 9), at byte 9"),
        (vec![2, 0, 0, 0, 0, 0, 0, 0, b'{', 0xff], "the header is not UTF-8, at byte 9"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(refused(&bytes).to_string(), format!("malformed file: {expected}"));
    }
    assert!(matches!(refused(&with_header("{}", 0)), Error::Weights { differences } if differences.len() == 4));
}

#[test]
fn what_other_writers_may_do_is_read() {
    let mut model = Model::new(net!(Vector<1> => größe: dense(2)), 1);
    let header = r#"{ "gr\u00f6\u00dfe.bias" : {"data_offsets" : [ 0 , 8 ], "shape":[2],"dtype":"F32"} ,
        "größe.weight":{"shape":[2, 1],"dtype":"F32","data_offsets":[8,16]},
        "__metadata__":{"author":"\ud83d\ude00 \"\\\/\b\f\n\r\t"}}  "#;
    let mut bytes = with_header(header, 0);
    bytes.extend([1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()));
    assert!(SafeTensors::deserialize(&bytes).is_ok());
    let loaded = model.load_safetensors(&bytes).unwrap();
    assert_eq!(model.parameters(), [3.0, 4.0, 1.0, 2.0]);
    assert_eq!(loaded.same_network, None);

    let empty = bytes_of(&[("a", &[0, 3], &[]), ("b", &[2], &[1.0; 2]), ("c", &[0], &[])]);
    let Error::Weights { differences } = refused(&empty) else { panic!() };
    assert_eq!(differences[4..], ["`a` [0, 3] is unexpected", "`b` [2] is unexpected", "`c` [0] is unexpected"]);
}

#[test]
fn what_fits_is_loaded_where_that_is_asked_for() {
    let folder = Folder::new("matching");
    let path = folder.file("other.safetensors");
    let file = bytes_of(&[("0.weight", &[2, 1, 3, 3], &[0.5; 18]), ("out.weight", &[4, 8], &[0.5; 32])]);
    fs::write(&path, &file).unwrap();
    let mut model = Model::new(Small, 1);
    let before = model.clone();
    let loaded = model.load_matching(&path).unwrap();
    assert_eq!(loaded.names, ["0.weight"]);
    let expected =
        ["`0.bias` [2] is missing", "`out.weight` is [4, 8], but must be [3, 8]", "`out.bias` [3] is missing"];
    assert_eq!(loaded.differences, expected);
    assert_eq!(loaded.to_string(), format!("1 tensors loaded; left as they were: {}", expected.join("; ")));
    assert_eq!(model.param("0.weight").unwrap().values, [0.5; 18]);
    assert_eq!(model.param("out.weight").unwrap(), before.param("out.weight").unwrap());

    fs::write(&path, bytes_of(&[("0.bias", &[2], &[1.0, f32::NAN])])).unwrap();
    assert!(model.load_matching(&path).is_err());
    assert_eq!(model.param("0.bias").unwrap(), before.param("0.bias").unwrap());
}

#[test]
fn a_file_says_which_network_it_is_of() {
    net! {
        Same: Image<1, 6, 6> => Vector<3> = conv(1=>2, k3) >> tanh >> pool2 >> flatten >> out: dense(3);
        Wider: Image<1, 6, 6> => Vector<4> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> out: dense(4)
    }
    let saved = Model::new(Small, 1).to_safetensors().unwrap();
    let loaded = Model::new(Small, 2).load_safetensors(&saved).unwrap();
    assert_eq!((loaded.same_network, &*loaded.to_string()), (Some(true), "4 tensors loaded"));
    let loaded = Model::new(Same, 2).load_safetensors(&saved).unwrap();
    assert_eq!(loaded.same_network, Some(false));
    assert_eq!(loaded.to_string(), "4 tensors loaded; all fit, but the file was saved from another network");
    let error = Model::new(Wider, 2).load_safetensors(&saved).unwrap_err().to_string();
    assert!(error.ends_with("; the file was saved from another network"), "{error}");
    let error = Model::new(Other, 2).load_safetensors(&saved).unwrap_err().to_string();
    assert!(!error.contains("another network"), "the names say it: {error}");
}

#[test]
fn a_model_opens_without_initialisation() {
    let folder = Folder::new("open");
    let path = folder.file("small.safetensors");
    let saved = Model::new(Small, 1);
    saved.save(&path).unwrap();
    assert_eq!(Model::open(Small, &path).unwrap().parameters(), saved.parameters());
    assert!(matches!(Model::open(Other, &path), Err(Error::File { .. })));
    assert!(matches!(Model::open(Small, folder.file("none")), Err(Error::Io { .. })));
    let bytes = saved.to_safetensors().unwrap();
    assert_eq!(Model::from_safetensors(Small, &bytes).unwrap().forward(&inputs()), saved.forward(&inputs()));
}

#[test]
fn a_card_travels_with_the_weights() {
    let folder = Folder::new("card");
    let path = folder.file("small.safetensors");
    let classes = ["Katze", "\"Hund\"\n\\", "größer, [schneller]\u{1}"];
    let normalisation = Normalisation::new(&[0.1307], &[1.0 / 3.0]).unwrap();
    let card = Card::of(classes).normalised(&normalisation);
    assert_eq!(card.normalisation::<Image<1, 8, 8>>().unwrap(), normalisation);
    let model = Model::new(Small, 1);
    model.save_with(&path, &card).unwrap();
    assert_eq!(Card::open(&path).unwrap(), card);
    Model::new(Small, 2).load(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = metadata.metadata().as_ref().unwrap();
    assert_eq!(metadata["format"], "pt");
    assert_eq!(serde_json::from_str::<Vec<String>>(&metadata["classes"]).unwrap(), classes);
    assert_eq!(serde_json::from_str::<Vec<f64>>(&metadata["deviation"]).unwrap(), [1.0 / 3.0]);

    model.save(&path).unwrap();
    assert_eq!(Card::open(&path).unwrap(), Card::default());
    let with =
        |mean: &[f64], deviation: &[f64]| Card { mean: mean.into(), deviation: deviation.into(), ..Card::default() };
    for (card, expected) in [
        (Card::of(["a", "b"]), "the number of values must be 3, but is 2"),
        (with(&[0.0], &[1.0, 1.0]), "the number of values must be 1, but is 2"),
        (with(&[0.0], &[]), "the number of values must be 1, but is 0"),
        (with(&[0.0; 2], &[1.0; 2]), "the number of values must be 1, but is 2"),
        (with(&[0.0], &[0.0]), "deviation is 0, but must be a finite number above 0"),
        (with(&[f64::NAN], &[1.0]), "mean is NaN, but must be a finite number"),
    ] {
        assert_eq!(model.save_with(&path, &card).unwrap_err().to_string(), expected);
    }
    for (key, value, expected) in [
        ("classes", "cat", "metadata `classes`: a list in brackets is expected, at byte 0"),
        ("classes", r#"["a" "b"]"#, "metadata `classes`: a comma or ] is expected between items, at byte 5"),
        ("mean", "[x]", "metadata `mean`: a number is expected, at byte 2"),
        ("deviation", "[1] 2", "metadata `deviation`: more follows behind the list, at byte 4"),
    ] {
        let metadata = std::collections::HashMap::from([(key.to_owned(), value.to_owned())]);
        let bytes = serialize(Vec::<(&str, TensorView)>::new(), Some(metadata)).unwrap();
        assert_eq!(Card::from_safetensors(&bytes).unwrap_err().to_string(), format!("malformed file: {expected}"));
    }
}

#[test]
fn a_card_normalises_channel_by_channel() {
    let card = Card::default().normalised(&Normalisation::<Sequence<2, 7>>::new(&[1.0, 2.0], &[0.5, 4.0]).unwrap());
    let mut batch = Batch::<Image<2, 1, 2>>::from_fn(2, |_, index| index as f32);
    card.normalisation().unwrap().apply(&mut batch);
    assert_eq!(batch.as_slice(), [-2.0, 0.0, 0.0, 0.25, -2.0, 0.0, 0.0, 0.25]);
    assert!(matches!(card.normalisation::<Image<3, 1, 1>>(), Err(Error::Length { expected: 3, found: 2 })));

    let mut sample = Tensor::<Image<3, 1, 1>>::from_fn(|_| 1.0);
    Card::default().normalisation().unwrap().apply_to_tensor(&mut sample);
    assert_eq!(sample.as_slice(), [1.0; 3]);
    let one_for_all = Card { mean: vec![3.0], deviation: vec![2.0], ..Card::default() };
    one_for_all.normalisation().unwrap().apply_to_tensor(&mut sample);
    assert_eq!(sample.as_slice(), [-1.0; 3]);
}

net! { Tiny: Image<1, 8, 8> => Vector<2> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> out: dense(2) }

const TINY: Embedded<Tiny> = include_weights!(Tiny, "../weights/tiny.safetensors");

#[test]
fn embedded_weights_are_those_of_the_file_and_lie_in_the_program() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/weights/tiny.safetensors");
    let (mut model, opened) = (TINY.model(), Model::open(Tiny, path).unwrap());
    assert_eq!(model.parameters(), opened.parameters());
    assert_eq!(TINY.card().unwrap(), Card::open(path).unwrap());
    assert_eq!(model.parameters().as_ptr(), TINY.model().parameters().as_ptr(), "a model has a copy");
    assert_eq!(model.parameters().as_ptr() as usize % 64, 0);
    for (light, class) in [(0.1, "dark"), (0.9, "light")] {
        let mut picture = Tensor::from_fn(|_| light);
        TINY.card().unwrap().normalisation().unwrap().apply_to_tensor(&mut picture);
        assert_eq!(TINY.card().unwrap().classes[model.predict(&picture).class], class);
    }
    model.param_mut("out.bias").unwrap().values[0] += 1.0;
    assert_ne!(model.parameters(), opened.parameters());
    assert_eq!(TINY.model().parameters(), opened.parameters());
}

#[test]
fn embedded_statistics_follow_the_parameters() {
    net! { Normed: Vector<3> => Vector<2> = dense(2) >> batchnorm >> relu >> dense(2) >> batchnorm }
    const NORMED: Embedded<Normed> = include_weights!(Normed, "../weights/normed.safetensors");
    let opened = Model::open(Normed, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/weights/normed.safetensors")).unwrap();
    assert!(NORMED.model().params().eq(opened.params()));
    assert!(NORMED.model().statistics().eq(opened.statistics()));
    assert_eq!(NORMED.card().unwrap(), Card::default());
}

/// Ordinary permissions: those of any new file, and those of the file that was there.
#[cfg(unix)]
#[test]
fn permissions_are_ordinary_and_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("permissions");
    let mode = |name: &str| fs::metadata(folder.file(name)).unwrap().permissions().mode() & 0o777;
    let model = Model::new(Small, 1);
    fs::write(folder.file("plain"), "").unwrap();
    model.save(folder.file("new")).unwrap();
    assert_eq!(mode("new"), mode("plain"));
    for bits in [0o600, 0o644, 0o664] {
        fs::set_permissions(folder.file("new"), fs::Permissions::from_mode(bits)).unwrap();
        model.save(folder.file("new")).unwrap();
        assert_eq!(mode("new"), bits);
    }
    symlink("new", folder.file("link")).unwrap();
    fs::write(folder.file("new"), "old").unwrap();
    model.save(folder.file("link")).unwrap();
    assert!(fs::symlink_metadata(folder.file("link")).unwrap().is_symlink());
    assert_eq!(fs::read(folder.file("new")).unwrap(), model.to_safetensors().unwrap());
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
        .args(["-c", r#"trap "" XFSZ; ulimit -f 0; exec "$0" --exact files::an_existing_file_survives_a_full_disk"#])
        .arg(env::current_exe().unwrap())
        .env(PATH, &path)
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(folder.names(), ["small.safetensors"]);
}
