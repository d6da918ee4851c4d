//! Random numbers for one sample, one after the other.

use crate::noise::{Draws, Noise};

/// The random numbers of one sample in one epoch: a function of the seed, the epoch and the sample.
#[derive(Clone, Debug)]
pub struct Chance {
    draws: Draws,
    drawn: usize,
}

/// Keeps augmentation apart from regularisers of the same seed, which count their layers from 0.
const AUGMENTATION: usize = usize::MAX;

impl Chance {
    /// The random numbers of sample `sample` in epoch `epoch`.
    #[must_use]
    pub const fn new(seed: u64, epoch: u64, sample: usize) -> Self {
        Self { draws: Noise::new(seed, epoch).behind(AUGMENTATION).of_sample(sample), drawn: 0 }
    }

    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        let bits = self.draws.bits(self.drawn);
        self.drawn += 1;
        bits
    }

    /// A number in 0..1.
    pub fn uniform(&mut self) -> f64 {
        f64::from(self.bits()) / (f64::from(u32::MAX) + 1.0)
    }

    /// A number in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// One of the whole numbers in `0..count`, for a `count` of 1 to 2³².
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from((u64::from(self.bits()) * count as u64) >> 32).unwrap_or(usize::MAX) // less than the count
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }
}
