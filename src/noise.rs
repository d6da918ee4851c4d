//! Random numbers that depend on nothing but where they are drawn.

/// A source of random numbers for regularisers: each is a function of the model's seed, the step of training, the layer, the
/// sample and its position in it, and so the same for any number of threads and any grouping of samples.
///
/// The function is the finalizer of `SplitMix64` (Steele, Lea and Flood, 2014) over a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: u64,
    sequence: u64,
    sample: u64,
}

/// The odd number nearest to 2⁶⁴ divided by the golden ratio: counters that far apart are mixed well.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Noise {
    /// The noise of one step of training.
    #[must_use]
    pub(crate) const fn new(seed: u64, step: u64) -> Self {
        Self { key: mix(mix(seed).wrapping_add(step.wrapping_mul(GOLDEN))), sequence: 0, sample: 0 }
    }

    pub(crate) const fn behind(self, draws: usize) -> Self {
        Self { sequence: self.sequence + draws as u64, ..self }
    }

    pub(crate) const fn at_sample(self, sample: usize) -> Self {
        Self { sample: self.sample + sample as u64, ..self }
    }

    /// The numbers of sample `sample` of this pass.
    #[must_use]
    pub const fn of_sample(self, sample: usize) -> Draws {
        let layer = mix(self.key.wrapping_add(self.sequence.wrapping_mul(GOLDEN)));
        Draws { key: mix(layer.wrapping_add((self.sample + sample as u64).wrapping_mul(GOLDEN))) }
    }
}

/// The random numbers of one sample in one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    key: u64,
}

impl Draws {
    /// Number `position`: 32 random bits.
    #[must_use]
    #[inline]
    pub const fn bits(self, position: usize) -> u32 {
        (mix(self.key.wrapping_add((position as u64).wrapping_mul(GOLDEN))) >> 32) as u32
    }
}

#[inline]
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::Noise;

    #[test]
    fn every_coordinate_counts_and_grouping_does_not() {
        let noise = Noise::new(1, 2);
        let drawn = noise.of_sample(5).bits(7);
        assert_eq!(noise.at_sample(3).of_sample(2).bits(7), drawn);
        assert_eq!(noise.behind(0).of_sample(5).bits(7), drawn);
        for other in [
            Noise::new(2, 2).of_sample(5).bits(7),
            Noise::new(1, 3).of_sample(5).bits(7),
            noise.behind(1).of_sample(5).bits(7),
            noise.of_sample(6).bits(7),
            noise.of_sample(5).bits(8),
        ] {
            assert_ne!(other, drawn);
        }
    }

    #[test]
    fn bits_are_even() {
        let draws = Noise::new(3, 0).of_sample(0);
        let mean = (0..100_000).map(|position| f64::from(draws.bits(position))).sum::<f64>() / 1e5 / 2f64.powi(32);
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        for bit in 0..32 {
            let ones = (0..10_000).filter(|&position| draws.bits(position) >> bit & 1 == 1).count();
            assert!((4_800..5_200).contains(&ones), "bit {bit}: {ones} of 10,000");
        }
    }
}
