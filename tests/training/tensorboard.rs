//! TensorBoard's event files, read back by a reader of the test's own.

use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use shapewright::prelude::*;
use shapewright::train::{Callback, Keep, Step, StepDecay, TensorBoard};
use shapewright::{Element, Error};

/// A field of a message: its number, and what it holds.
#[derive(Debug)]
enum Field<'a> {
    Varint(u64),
    Bits64(u64),
    Bits32(u32),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

/// The fields of a message of protocol buffers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Varint(varint(&mut bytes)),
            1 => {
                let (value, rest) = bytes.split_first_chunk().unwrap();
                bytes = rest;
                Field::Bits64(u64::from_le_bytes(*value))
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(value)
            }
            5 => {
                let (value, rest) = bytes.split_first_chunk().unwrap();
                bytes = rest;
                Field::Bits32(u32::from_le_bytes(*value))
            }
            kind => panic!("type {kind}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

/// The bytes of each record of a file, whose checksums must be right.
fn records(mut file: &[u8]) -> Vec<&[u8]> {
    let unmasked = |masked: &[u8; 4]| u32::from_le_bytes(*masked).wrapping_sub(0xa282_ead8).rotate_left(15);
    let mut records = Vec::new();
    while let Some((length, rest)) = file.split_first_chunk::<8>() {
        let (checksum, rest) = rest.split_first_chunk().unwrap();
        assert_eq!(crc32c::crc32c(length), unmasked(checksum), "of the length");
        let (bytes, rest) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
        let (checksum, rest) = rest.split_first_chunk().unwrap();
        assert_eq!(crc32c::crc32c(bytes), unmasked(checksum), "of the bytes");
        records.push(bytes);
        file = rest;
    }
    assert!(file.is_empty());
    records
}

/// What a file holds: from which step on it counts, and the values of each tag by step.
#[derive(Debug, Default)]
struct Events {
    start: u64,
    scalars: BTreeMap<String, BTreeMap<u64, f32>>,
}

impl Events {
    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let mut events = Self::default();
        for (index, record) in records(&bytes).into_iter().enumerate() {
            let (mut time, mut step) = (0.0, 0);
            for field in fields(record) {
                match field {
                    (1, Field::Bits64(bits)) => time = f64::from_bits(bits),
                    (2, Field::Varint(number)) => step = number,
                    (3, Field::Bytes(version)) => assert_eq!((index, version), (0, &b"brain.Event:2"[..])),
                    (5, Field::Bytes(summary)) => events.add(step, summary),
                    (7, Field::Bytes(log)) => {
                        assert!(index == 1 && matches!(fields(log)[..], [(1, Field::Varint(1))]));
                        events.start = step;
                    }
                    field => panic!("{field:?}"),
                }
            }
            assert!(time > 1.7e9, "seconds since 1970");
        }
        events
    }

    fn add(&mut self, step: u64, summary: &[u8]) {
        for field in fields(summary) {
            let (1, Field::Bytes(value)) = field else { panic!("{field:?}") };
            let [(1, Field::Bytes(tag)), (2, Field::Bits32(bits))] = fields(value)[..] else { panic!("no scalar") };
            let values = self.scalars.entry(String::from_utf8(tag.to_vec()).unwrap()).or_default();
            assert!(values.insert(step, f32::from_bits(bits)).is_none(), "step {step} twice");
        }
    }

    fn steps(&self, tag: &str) -> Vec<u64> {
        self.scalars[tag].keys().copied().collect()
    }
}

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::var_os("SHAPEWRIGHT_TENSORBOARD").map_or_else(env::temp_dir, PathBuf::from);
        Self(folder.join(format!("shapewright-tensorboard-{}-{name}", std::process::id())))
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.0.join("tb")).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if env::var_os("SHAPEWRIGHT_TENSORBOARD").is_none() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Ends a training in the middle of an epoch, as a crash would.
struct Crash(usize, usize);

impl Callback for Crash {
    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        let here = (step.epoch, step.step) == (self.0, self.1);
        Ok(if here { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

/// Five epochs of four steps that end in the middle of one, and what the trainer says of its steps.
fn train(folder: &Folder, crash: Crash) -> Vec<Step> {
    struct Steps<'a>(&'a mut Vec<Step>);
    impl Callback for Steps<'_> {
        fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
            self.0.push(*step);
            Ok(ControlFlow::Continue(()))
        }
    }
    let inputs = Batch::from_fn(40, |sample, index| if index == sample % 2 { 1.0 } else { 0.0 });
    let labels = Labels::new(&(0..40).map(|sample| sample % 2).collect::<Vec<_>>()).unwrap();
    let (train, test) = Dataset::<Vector<2>, 2>::new(inputs, labels).unwrap().split(32, 0).unwrap();
    let mut model = Model::new(net!(Vector<2> => dense(2)), 1);
    let mut steps = Vec::new();
    Trainer::new(Sgd::new(0.5))
        .epochs(5)
        .batch_size(8)
        .schedule(StepDecay { epochs: 2, factor: 0.5 })
        .checkpoint(&folder.0, Keep::Last(1))
        .resume()
        .log(TensorBoard::new(folder.0.join("tb")))
        .callback(Steps(&mut steps))
        .callback(crash)
        .fit(&mut model, &train, &test)
        .unwrap();
    steps
}

#[test]
fn scalars_come_by_step_with_right_checksums() {
    let folder = Folder::new("whole");
    let steps = train(&folder, Crash(0, 0));
    let [file] = &folder.files()[..] else { panic!("one file") };
    let events = Events::read(file);
    assert_eq!(events.start, 1);
    let tags: Vec<&str> = events.scalars.keys().map(|tag| &**tag).collect();
    assert_eq!(
        tags,
        ["accuracy/held_out", "accuracy/train", "gradient_norm", "learning_rate", "loss/held_out", "loss/train"]
    );
    let values = |of: fn(&Step) -> f64| -> BTreeMap<u64, f32> {
        steps.iter().map(|step| ((step.epoch as u64 - 1) * 4 + step.step as u64, f32::from_f64(of(step)))).collect()
    };
    assert_eq!(events.scalars["loss/train"], values(|step| step.loss));
    assert_eq!(events.scalars["accuracy/train"], values(|step| step.accuracy));
    assert_eq!(events.scalars["accuracy/train"][&20], 1.0);
    assert_eq!(events.scalars["learning_rate"], values(|step| step.learning_rate));
    assert_eq!(events.scalars["gradient_norm"], values(|step| step.gradient_norm));
    assert_eq!(events.scalars["learning_rate"][&20], 0.125);
    assert_eq!(events.steps("loss/train"), (1..=20).collect::<Vec<_>>());
    assert_eq!(events.steps("loss/held_out"), [4, 8, 12, 16, 20]);
    assert_eq!(events.scalars["accuracy/held_out"][&20], 1.0);
}

#[test]
fn a_resumed_training_goes_on_in_a_file_of_its_own() {
    let folder = Folder::new("resumed");
    train(&folder, Crash(3, 2));
    train(&folder, Crash(0, 0));
    let [first, second] = &folder.files()[..] else { panic!("two files") };
    let (first, second) = (Events::read(first), Events::read(second));
    assert_eq!((first.start, second.start), (1, 9));
    assert_eq!(first.steps("loss/train"), (1..=10).collect::<Vec<_>>());
    assert_eq!(second.steps("loss/train"), (9..=20).collect::<Vec<_>>());
    assert_eq!(first.steps("loss/held_out"), [4, 8]);
    assert_eq!(second.steps("loss/held_out"), [12, 16, 20]);
    // The steps behind the checkpoint are taken again, to the same bits.
    assert!([9, 10].iter().all(|step| first.scalars["loss/train"][step] == second.scalars["loss/train"][step]));
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_with_its_path() {
    let folder = Folder::new("file");
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.0.join("tb"), "").unwrap();
    let data = Dataset::<Vector<2>, 2>::new(Batch::zeros(2), Labels::new(&[0, 1]).unwrap()).unwrap();
    let mut model = Model::new(net!(Vector<2> => dense(2)), 1);
    let trainer = Trainer::new(Sgd::new(0.5)).log(TensorBoard::new(folder.0.join("tb")));
    let error = trainer.fit(&mut model, &data, &data).unwrap_err();
    assert!(matches!(&error, Error::Io { path, .. } if path.ends_with("tb")), "{error}");
}
