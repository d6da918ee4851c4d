//! Inputs, weights and labels from a hash of their position: the same as in `../../python/inputs.py`, to the bit.

/// 32 bits for a position.
fn hash(seed: u32, position: u32) -> u32 {
    let mut x = position.wrapping_mul(0x9E37_79B1).wrapping_add(seed.wrapping_mul(0x85EB_CA6B));
    x ^= x >> 16;
    x = x.wrapping_mul(0x7FEB_352D);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846C_A68B);
    x ^ x >> 16
}

/// `length` values in [−scale/2, scale/2).
pub fn values(seed: u32, length: usize, scale: f32) -> Vec<f32> {
    (0..length as u32).map(|position| ((hash(seed, position) >> 8) as f32 / 16_777_216.0 - 0.5) * scale).collect()
}

/// A weight of `length` values, each output of which sees `fan_in` inputs: uniform, He's variance.
pub fn weight(seed: u32, length: usize, fan_in: usize) -> Vec<f32> {
    values(seed, length, 2.0 * (6.0 / fan_in as f64).sqrt() as f32)
}

/// A small bias.
pub fn bias(seed: u32, length: usize) -> Vec<f32> {
    values(seed, length, 0.1)
}

/// Classes below 10.
pub fn labels(samples: usize) -> Vec<usize> {
    (0..samples as u32).map(|position| hash(99, position) as usize % 10).collect()
}
