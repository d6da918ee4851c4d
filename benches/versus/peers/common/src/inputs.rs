//! Inputs, weights and labels from a hash of their position: the same as in `../../../python/inputs.py`, to the bit.

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
fn values(seed: u32, length: usize, scale: f32) -> Vec<f32> {
    (0..length as u32).map(|position| ((hash(seed, position) >> 8) as f32 / 16_777_216.0 - 0.5) * scale).collect()
}

/// A weight of `length` values, each output of which sees `fan_in` inputs: uniform, He's variance.
fn weight(seed: u32, length: usize, fan_in: usize) -> Vec<f32> {
    values(seed, length, 2.0 * (6.0 / fan_in as f64).sqrt() as f32)
}

/// A small bias.
fn bias(seed: u32, length: usize) -> Vec<f32> {
    values(seed, length, 0.1)
}

/// Classes below 10.
pub fn labels(samples: usize) -> impl Iterator<Item = u32> {
    (0..samples as u32).map(|position| hash(99, position) % 10)
}

/// The numbers of a size such as `64,1,28,28`, where there are `N`.
fn numbers<const N: usize>(size: &str) -> Option<[usize; N]> {
    size.split(',').map(|number| number.parse().ok()).collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// A convolution `samples,channels,rows,columns,filters,kernel,stride,padding[,groups]`. A stride of 1/2 is that of a
/// transposed convolution, which makes an image twice as large. One row is a sequence, along which kernel, stride and padding lie.
#[derive(Clone, Copy)]
pub struct Convolution {
    pub samples: usize,
    pub channels: usize,
    pub rows: usize,
    pub columns: usize,
    pub filters: usize,
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
    pub groups: usize,
    pub transposed: bool,
}

impl Convolution {
    /// One that every peer has: of images, neither transposed nor in groups.
    pub fn plain(size: &str) -> Option<Self> {
        Self::parse(size).filter(|convolution| {
            !convolution.transposed && convolution.groups == 1 && !convolution.is_of_sequences()
        })
    }

    fn is_of_sequences(&self) -> bool {
        self.rows == 1
    }

    pub fn parse(size: &str) -> Option<Self> {
        let transposed = size.contains("1/");
        let size = size.replace("1/", "");
        let ([samples, channels, rows, columns, filters, kernel, stride, padding], groups) = match numbers(&size) {
            Some(sizes) => (sizes, 1),
            None => numbers::<9>(&size).map(|[sizes @ .., groups]| (sizes, groups))?,
        };
        Some(Self { samples, channels, rows, columns, filters, kernel, stride, padding, groups, transposed })
    }

    pub fn x_dims(&self) -> [usize; 4] {
        [self.samples, self.channels, self.rows, self.columns]
    }

    pub fn weight_dims(&self) -> [usize; 4] {
        let [outer, inner] = if self.transposed {
            [self.channels, self.filters]
        } else {
            [self.filters, self.channels / self.groups]
        };
        [outer, inner, if self.is_of_sequences() { 1 } else { self.kernel }, self.kernel]
    }

    pub fn y_dims(&self) -> [usize; 4] {
        let [rows, columns] = [self.rows, self.columns].map(|length| match length {
            1 => 1,
            _ if self.transposed => length * self.stride,
            _ => (length + 2 * self.padding - self.kernel) / self.stride + 1,
        });
        [self.samples, self.filters, rows, columns]
    }

    pub fn x(&self) -> Vec<f32> {
        layer_x(self.x_dims())
    }

    pub fn weight(&self) -> Vec<f32> {
        let dims = self.weight_dims();
        weight(2, dims.iter().product(), dims[1..].iter().product())
    }

    pub fn bias(&self) -> Vec<f32> {
        bias(3, self.filters)
    }

    pub fn dy(&self) -> Vec<f32> {
        layer_dy(self.y_dims())
    }
}

/// The dimensions of the input of a 2×2 max pool `samples,channels,rows,columns`.
pub fn pool(size: &str) -> Option<[usize; 4]> {
    numbers(size)
}

/// The input of a single layer.
pub fn layer_x(dims: [usize; 4]) -> Vec<f32> {
    values(1, dims.iter().product(), 2.0)
}

/// The upstream gradient of a single layer.
pub fn layer_dy(dims: [usize; 4]) -> Vec<f32> {
    values(4, dims.iter().product(), 2.0)
}

/// A layer of a network.
#[derive(Clone, Copy)]
pub enum Layer {
    Conv { channels: usize, filters: usize, kernel: usize, padding: usize },
    Dense { inputs: usize, outputs: usize },
    Relu,
    Pool,
    Flatten,
}

impl Layer {
    /// The dimensions of its weight, the outputs first; none where it has no parameters.
    pub fn weight_dims(self) -> Option<Vec<usize>> {
        match self {
            Self::Conv { channels, filters, kernel, .. } => Some(vec![filters, channels, kernel, kernel]),
            Self::Dense { inputs, outputs } => Some(vec![outputs, inputs]),
            Self::Relu | Self::Pool | Self::Flatten => None,
        }
    }
}

/// The dimensions of a sample, and the layers. A dense weight is (outputs, inputs).
pub fn network(name: &str) -> Option<([usize; 3], Vec<Layer>)> {
    use Layer::{Flatten, Pool, Relu};
    let conv = |channels, filters, kernel, padding| Layer::Conv { channels, filters, kernel, padding };
    let dense = |inputs, outputs| Layer::Dense { inputs, outputs };
    Some(match name {
        "D1" => ([3, 32, 32], vec![conv(3, 32, 5, 2), Relu, Pool, Flatten, dense(8192, 10)]),
        "D2" => {
            let features = [conv(1, 6, 5, 2), Relu, Pool, conv(6, 16, 5, 0), Relu, Pool, Flatten];
            let classes = [dense(400, 120), Relu, dense(120, 84), Relu, dense(84, 10)];
            ([1, 28, 28], [&features[..], &classes].concat())
        }
        "D3" => {
            let first = [conv(3, 32, 3, 1), Relu, conv(32, 32, 3, 1), Relu, Pool];
            let second = [conv(32, 64, 3, 1), Relu, conv(64, 64, 3, 1), Relu, Pool, Flatten];
            ([3, 32, 32], [&first[..], &second, &[dense(4096, 128), Relu, dense(128, 10)]].concat())
        }
        _ => return None,
    })
}

/// The weight and the bias of a layer, counted among those with weights.
pub fn parameters(index: usize, weight_dims: &[usize]) -> (Vec<f32>, Vec<f32>) {
    let weight = weight(seed(index), weight_dims.iter().product(), weight_dims[1..].iter().product());
    (weight, parameter_bias(index, weight_dims[0]))
}

/// The bias of such a layer, or of the norm behind it.
pub fn parameter_bias(index: usize, length: usize) -> Vec<f32> {
    bias(seed(index) + 1, length)
}

/// The scale of the norm behind such a layer.
pub fn scale(index: usize, length: usize) -> Vec<f32> {
    values(seed(index) + 2, length, 0.5).into_iter().map(|value| 1.0 + value).collect()
}

fn seed(index: usize) -> u32 {
    100 + 3 * index as u32
}

/// The input of a network.
pub fn network_x(samples: usize, sample_len: usize) -> Vec<f32> {
    values(7, samples * sample_len, 2.0)
}
