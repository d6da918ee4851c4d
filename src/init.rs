//! How parameters start.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::element::Element;

/// The distribution that a parameter's first values are drawn from.
///
/// Unless [`Model::with_init`](crate::Model::with_init) says otherwise, weights of convolutions and dense layers are
/// [`HeNormal`](Init::HeNormal), [`GlorotNormal`](Init::GlorotNormal) before tanh, sigmoid and softmax, and [`LeCunNormal`](Init::LeCunNormal) before
/// selu; factors of norms are one, slopes of prelu 0.25, biases and all other offsets zero.
///
/// `fan_in` is how many inputs an output adds up, and `fan_out` how many outputs an input reaches, as PyTorch counts them:
/// of weights (O, I, KH, KW), I·KH·KW and O·KH·KW.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// All the same.
    Constant(f64),
    /// Normal with mean 0 and this deviation.
    Normal(f64),
    /// Normal with deviation √(2 / `fan_in`), which keeps the variance through relu (He et al., 2015,
    /// <https://arxiv.org/abs/1502.01852>).
    HeNormal,
    /// Uniform within ±√(6 / `fan_in`): the variance of [`HeNormal`](Init::HeNormal).
    HeUniform,
    /// Normal with deviation √(2 / (`fan_in` + `fan_out`)) (Glorot and Bengio, 2010).
    GlorotNormal,
    /// Uniform within ±√(6 / (`fan_in` + `fan_out`)): Keras' default.
    GlorotUniform,
    /// Normal with deviation √(1 / `fan_in`) (LeCun et al., 1998): what selu asks for.
    LeCunNormal,
    /// Rows (or columns, where there are fewer) of length 1 at right angles to each other (Saxe et al., 2013,
    /// <https://arxiv.org/abs/1312.6120>).
    Orthogonal,
    /// Uniform within ±√(1 / `fan_in`), biases by the fan of their weights: PyTorch's default for convolutions and dense
    /// layers.
    PyTorch,
}

impl Init {
    /// Chooses this for all weights that are drawn at random, and for the others what their layers choose: for
    /// [`Model::with_init`](crate::Model::with_init).
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    /// use shapewright::Init;
    ///
    /// let net = net!(Image<1, 8, 8> => conv(4, k3) >> batchnorm >> relu >> flatten >> out: dense(3));
    /// let keras = Model::with_init(net, 7, Init::GlorotUniform.of_weights());
    /// let limit = (6.0_f32 / (144.0 + 3.0)).sqrt();
    /// assert!(keras.param("out.weight")?.values.iter().all(|weight| weight.abs() <= limit));
    /// assert_eq!(keras.param("1.weight")?.values, [1.0; 4]);
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn of_weights(self) -> impl Fn(&str, Self) -> Self {
        move |_, default| match default {
            Self::Zeros | Self::Ones | Self::Constant(_) => default,
            _ => self,
        }
    }

    /// Values of a parameter with the sizes `dims`, in a stage whose weights have the sizes `weight_dims`.
    ///
    /// The numbers depend on the generator alone: drawn in `f64`, rounded once.
    pub fn draw(self, dims: &[usize], weight_dims: &[usize], generator: &mut ChaCha8Rng) -> Vec<f32> {
        let count = dims.iter().product();
        let [fan_in, fan_out] = fans(weight_dims);
        let mut normal = |deviation: f64| -> Vec<f32> {
            let draw = || -> f64 { StandardNormal.sample(generator) };
            core::iter::repeat_with(draw).take(count).map(|value| f32::from_f64(value * deviation)).collect()
        };
        match self {
            Self::Zeros => vec![0.0; count],
            Self::Ones => vec![1.0; count],
            Self::Constant(value) => vec![f32::from_f64(value); count],
            Self::Normal(deviation) => normal(deviation),
            Self::HeNormal => normal((2.0 / fan_in).sqrt()),
            Self::GlorotNormal => normal((2.0 / (fan_in + fan_out)).sqrt()),
            Self::LeCunNormal => normal((1.0 / fan_in).sqrt()),
            Self::HeUniform => uniform(count, (6.0 / fan_in).sqrt(), generator),
            Self::GlorotUniform => uniform(count, (6.0 / (fan_in + fan_out)).sqrt(), generator),
            Self::PyTorch => uniform(count, (1.0 / fan_in).sqrt(), generator),
            Self::Orthogonal => orthogonal(dims, generator),
        }
    }
}

fn uniform(count: usize, limit: f64, generator: &mut ChaCha8Rng) -> Vec<f32> {
    let draw = || f32::from_f64(generator.random_range(-limit..=limit));
    core::iter::repeat_with(draw).take(count).collect()
}

/// How many inputs an output adds up, and how many outputs an input reaches.
fn fans(dims: &[usize]) -> [f64; 2] {
    let taps: usize = dims.iter().skip(2).product();
    let of = |axis: usize| (dims.get(axis).copied().unwrap_or(1) * taps).max(1) as f64;
    [of(1), of(0)]
}

/// A matrix of dims\[0\] rows whose rows, or columns where there are fewer, are orthonormal: Gram–Schmidt, twice for accuracy, over
/// normal numbers.
fn orthogonal(dims: &[usize], generator: &mut ChaCha8Rng) -> Vec<f32> {
    let rows = dims.first().copied().unwrap_or(1);
    let columns: usize = dims.iter().skip(1).product();
    let (vectors, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(vectors);
    while basis.len() < vectors {
        let mut vector: Vec<f64> = (0..length).map(|_| StandardNormal.sample(generator)).collect();
        for _ in 0..2 {
            for other in &basis {
                let along = dot(&vector, other);
                vector.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
            }
        }
        let norm = dot(&vector, &vector).sqrt();
        if norm > 1e-6 {
            basis.push(vector.into_iter().map(|value| value / norm).collect());
        }
    }
    let at = |row: usize, column: usize| if rows <= columns { basis[row][column] } else { basis[column][row] };
    (0..rows * columns).map(|index| f32::from_f64(at(index / columns, index % columns))).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
