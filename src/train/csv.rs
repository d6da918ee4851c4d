//! The epochs of a training as a table in a file.

use core::ops::ControlFlow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::callback::{Callback, Plan};
use super::report::Epoch;
use crate::error::Error;

/// A callback that writes a line for each epoch to a file of comma-separated values: epoch, loss, training accuracy, held-out loss,
/// accuracy, learning rate, seconds. A resumed training goes on where its checkpoint stands.
#[derive(Clone, Debug)]
pub struct Csv(PathBuf);

impl Csv {
    /// A table at `path`; its folder is made if it is not there.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn create(&self, history: &[Epoch]) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&self.0)?;
        writeln!(file, "epoch,loss,training_accuracy,held_out_loss,accuracy,learning_rate,seconds")?;
        history.iter().try_for_each(|epoch| write_line(&mut file, epoch))
    }
}

fn write_line(file: &mut File, epoch: &Epoch) -> io::Result<()> {
    let Epoch { number, loss, training_accuracy, held_out_loss, accuracy, learning_rate, duration, .. } = epoch;
    let seconds = duration.as_secs_f64();
    writeln!(file, "{number},{loss},{training_accuracy},{held_out_loss},{accuracy},{learning_rate},{seconds:.3}")
}

impl Callback for Csv {
    fn start(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        self.create(plan.history).map_err(|source| Error::Io { path: self.0.clone(), source })
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
        let line = OpenOptions::new().append(true).open(&self.0).and_then(|mut file| write_line(&mut file, epoch));
        line.map_err(|source| Error::Io { path: self.0.clone(), source })?;
        Ok(ControlFlow::Continue(()))
    }
}
