//! The course of a training as TensorBoard shows it.

use core::ops::ControlFlow;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use super::callback::{Callback, Plan, Step};
use super::report::Epoch;
use crate::error::Error;

/// A callback that writes an event file to a folder, for `tensorboard --logdir` on the folder or one above it.
///
/// After each step `loss/train`, `accuracy/train`, `learning_rate` and `gradient_norm`, after each epoch `loss/held_out` and
/// `accuracy/held_out`, all by the number of steps so far; what is not there, as accuracy where the loss knows of no classes, is left out. Every training begins a file of its own, as TensorBoard wants it, and says in it from which step on it
/// takes the place of what is there: a resumed one goes on in the same curves, another one in the same folder replaces them.
///
/// The format: records framed as TensorFlow's, in each an `Event` in the encoding of protocol buffers
/// (<https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto>).
///
/// # Examples
///
/// ```no_run
/// use shapewright::data::digits;
/// use shapewright::prelude::*;
/// use shapewright::train::TensorBoard;
///
/// let (train, test) = digits();
/// let mut model = Model::new(net!(Image<1, 8, 8> => flatten >> dense(10)), 1);
/// Trainer::new(Adam::new(1e-3)).epochs(5).log(TensorBoard::new("runs/first")).fit(&mut model, &train, &test)?;
/// // and then: tensorboard --logdir runs
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    /// Where this training's events go.
    path: PathBuf,
    file: Option<File>,
    /// Steps of an epoch.
    steps: usize,
}

impl TensorBoard {
    /// Event files in `folder`, which is made if it is not there.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { path: folder.clone(), folder, file: None, steps: 0 }
    }

    fn create(&mut self, first: usize) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // TensorBoard reads the files whose names have `tfevents` in them, in the order of the names.
        let (seconds, nanos, process) = (now.as_secs(), now.subsec_nanos(), std::process::id());
        self.path = self.folder.join(format!("events.out.tfevents.{seconds:010}.{nanos:09}.{process}"));
        self.file = Some(File::create_new(&self.path)?);
        self.write(0, |event| event.bytes(3, b"brain.Event:2"))?; // file_version
        self.write(first, |event| event.message(7, |log| log.number(1, 1))) // session_log: status is START
    }

    /// Writes the event that `fill` makes of one at this step, as one record.
    fn write(&mut self, step: usize, fill: impl FnOnce(&mut Message)) -> io::Result<()> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut event = Message(Vec::new());
        event.double(1, now.as_secs_f64()); // wall_time
        event.number(2, step as u64);
        fill(&mut event);
        let record = record(&event.0);
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(&record))
    }

    fn scalars(&mut self, step: usize, scalars: &[(&str, f64)]) -> Result<ControlFlow<()>, Error> {
        let value = |summary: &mut Message, tag: &str, value: f64| {
            summary.message(1, |scalar| {
                scalar.bytes(1, tag.as_bytes());
                scalar.float(2, value); // simple_value
            });
        };
        let there = || scalars.iter().filter(|(_, scalar)| !scalar.is_nan());
        let summary = |summary: &mut Message| there().for_each(|&(tag, scalar)| value(summary, tag, scalar));
        self.write(step, |event| event.message(5, summary)).map_err(|source| self.failed(source))?;
        Ok(ControlFlow::Continue(()))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.clone(), source }
    }
}

impl Callback for TensorBoard {
    fn start(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        self.steps = plan.steps;
        self.create(plan.history.len() * plan.steps + 1).map_err(|source| self.failed(source))
    }

    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        let &Step { epoch, step, loss, accuracy, learning_rate, gradient_norm, .. } = step;
        let step = (epoch - 1) * self.steps + step;
        let [loss, accuracy] = [("loss/train", loss), ("accuracy/train", accuracy)];
        self.scalars(step, &[loss, accuracy, ("learning_rate", learning_rate), ("gradient_norm", gradient_norm)])
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
        let &Epoch { number, held_out_loss, accuracy, .. } = epoch;
        self.scalars(number * self.steps, &[("loss/held_out", held_out_loss), ("accuracy/held_out", accuracy)])
    }
}

/// A message in the encoding of protocol buffers: the fields, each behind its number and type.
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn double(&mut self, field: u64, value: f64) {
        self.varint(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn message(&mut self, field: u64, fill: impl FnOnce(&mut Self)) {
        let mut message = Self(Vec::new());
        fill(&mut message);
        self.bytes(field, &message.0);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the format has room for an f32")]
    fn float(&mut self, field: u64, value: f64) {
        self.varint(field << 3 | 5);
        self.0.extend((value as f32).to_le_bytes());
    }
}

/// The bytes as a record of TensorFlow's: their number, its checksum, the bytes, their checksum.
fn record(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    [&length[..], &checksum(&length), bytes, &checksum(bytes)].concat()
}

/// CRC-32C, turned and shifted so that a checksum of what holds checksums means something.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let crc = !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 })
    });
    crc.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}
