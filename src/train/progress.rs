//! A bar on a terminal, plain lines elsewhere.

use core::ops::ControlFlow;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::callback::{Callback, Plan, Step};
use super::report::{Epoch, Report};
use super::trainer::Trainer;
use crate::error::Error;

const STYLE: &str = "{msg}  {wide_bar}  {per_sec}  {eta} left";

impl<O, L, C, H> Trainer<'_, O, L, C, H> {
    /// Prints a line for each epoch, another where a training is resumed, and, on a terminal, a bar with the loss, the training accuracy, the accuracy, samples a second and the time that is left.
    #[must_use]
    pub fn progress(self) -> Self {
        self.callback(Progress { bar: ProgressBar::hidden(), epochs: 0, accuracy: String::new() })
    }
}

struct Progress {
    bar: ProgressBar,
    epochs: usize,
    /// What the last epoch said of held-out samples.
    accuracy: String,
}

impl Callback for Progress {
    fn start(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        self.epochs = plan.epochs;
        if let Some(epoch) = plan.history.last() {
            println!("going on after epoch {} of {}, whose checkpoint is there", epoch.number, plan.epochs);
        }
        if stderr().is_terminal() {
            let style = ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar());
            let length = (plan.epochs * plan.samples) as u64;
            self.bar = ProgressBar::new(length).with_style(style);
            self.bar.set_position((plan.history.len() * plan.samples) as u64);
            self.bar.reset_eta();
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        let (epochs, accuracy) = (self.epochs, &self.accuracy);
        let training =
            if step.accuracy.is_nan() { String::new() } else { format!("  training accuracy {:.4}", step.accuracy) };
        self.bar.set_message(format!("epoch {}/{epochs}  loss {:.4}{training}{accuracy}", step.epoch, step.loss));
        self.bar.inc(step.samples as u64);
        Ok(ControlFlow::Continue(()))
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
        self.accuracy = format!("  accuracy {:.4}", epoch.accuracy);
        self.bar.suspend(|| println!("{epoch}"));
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self, _report: &Report) -> Result<(), Error> {
        self.bar.finish_and_clear();
        Ok(())
    }
}
