use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;

fn conv(channels: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Conv2d {
    let pad = kernel / 2;
    Conv2dConfig::new(channels, [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
        .with_bias(false)
        .init(device)
}

#[derive(Module, Debug)]
struct Block {
    conv1: Conv2d,
    norm1: BatchNorm,
    conv2: Conv2d,
    norm2: BatchNorm,
    shortcut: Option<Shortcut>,
}

#[derive(Module, Debug)]
struct Shortcut {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Block {
    fn new(input: usize, output: usize, stride: usize, device: &Device) -> Self {
        let shortcut = (stride > 1).then(|| Shortcut {
            conv: conv([input, output], 1, stride, device),
            norm: BatchNormConfig::new(output).init(device),
        });
        Self {
            conv1: conv([input, output], 3, stride, device),
            norm1: BatchNormConfig::new(output).init(device),
            conv2: conv([output, output], 3, 1, device),
            norm2: BatchNormConfig::new(output).init(device),
            shortcut,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let body = relu(self.norm1.forward(self.conv1.forward(x.clone())));
        let body = self.norm2.forward(self.conv2.forward(body));
        let around = match &self.shortcut {
            Some(shortcut) => shortcut.norm.forward(shortcut.conv.forward(x)),
            None => x,
        };
        relu(body + around)
    }
}

#[derive(Module, Debug)]
struct ResNet18 {
    conv: Conv2d,
    norm: BatchNorm,
    pool: MaxPool2d,
    blocks: Vec<Block>,
    mean: AdaptiveAvgPool2d,
    fc: Linear,
}

impl ResNet18 {
    fn new(device: &Device) -> Self {
        let widths = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)];
        Self {
            conv: conv([3, 64], 7, 2, device),
            norm: BatchNormConfig::new(64).init(device),
            pool: MaxPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(),
            blocks: widths.iter().map(|&(input, output, stride)| Block::new(input, output, stride, device)).collect(),
            mean: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            fc: LinearConfig::new(512, 1000).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.norm.forward(self.conv.forward(x))));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        self.fc.forward(self.mean.forward(x).flatten(1, 3))
    }
}

fn main() {
    let device = Device::flex();
    let model = ResNet18::new(&device);
    println!("{}", model.forward(Tensor::zeros([1, 3, 224, 224], &device)));
}
