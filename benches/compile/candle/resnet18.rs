use candle_core::{D, DType, Device, Module, ModuleT, Result, Tensor};
use candle_nn::{BatchNorm, Conv2d, Conv2dConfig, Linear, VarBuilder, VarMap, batch_norm, conv2d_no_bias, linear};

fn conv(input: usize, output: usize, kernel: usize, stride: usize, vb: VarBuilder) -> Result<Conv2d> {
    conv2d_no_bias(input, output, kernel, Conv2dConfig { padding: kernel / 2, stride, ..Default::default() }, vb)
}

struct Block {
    conv1: Conv2d,
    norm1: BatchNorm,
    conv2: Conv2d,
    norm2: BatchNorm,
    shortcut: Option<(Conv2d, BatchNorm)>,
}

impl Block {
    fn new(input: usize, output: usize, stride: usize, vb: VarBuilder) -> Result<Self> {
        let shortcut = if stride > 1 {
            let conv = conv(input, output, 1, stride, vb.pp("shortcut.0"))?;
            Some((conv, batch_norm(output, 1e-5, vb.pp("shortcut.1"))?))
        } else {
            None
        };
        Ok(Self {
            conv1: conv(input, output, 3, stride, vb.pp("conv1"))?,
            norm1: batch_norm(output, 1e-5, vb.pp("norm1"))?,
            conv2: conv(output, output, 3, 1, vb.pp("conv2"))?,
            norm2: batch_norm(output, 1e-5, vb.pp("norm2"))?,
            shortcut,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let body = self.norm1.forward_t(&self.conv1.forward(x)?, false)?.relu()?;
        let body = self.norm2.forward_t(&self.conv2.forward(&body)?, false)?;
        let around = match &self.shortcut {
            Some((conv, norm)) => norm.forward_t(&conv.forward(x)?, false)?,
            None => x.clone(),
        };
        (body + around)?.relu()
    }
}

struct ResNet18 {
    conv: Conv2d,
    norm: BatchNorm,
    blocks: Vec<Block>,
    fc: Linear,
}

impl ResNet18 {
    fn new(vb: VarBuilder) -> Result<Self> {
        let widths = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)];
        let blocks = widths.iter().enumerate();
        Ok(Self {
            conv: conv(3, 64, 7, 2, vb.pp("conv"))?,
            norm: batch_norm(64, 1e-5, vb.pp("norm"))?,
            blocks: blocks.map(|(i, &(input, output, stride))| Block::new(input, output, stride, vb.pp(i))).collect::<Result<_>>()?,
            fc: linear(512, 1000, vb.pp("fc"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.norm.forward_t(&self.conv.forward(x)?, false)?.relu()?;
        // its pools have no padding
        let x = x.pad_with_same(2, 1, 1)?.pad_with_same(3, 1, 1)?.max_pool2d_with_stride(3, 2)?;
        let x = self.blocks.iter().try_fold(x, |x, block| block.forward(&x))?;
        self.fc.forward(&x.mean(D::Minus1)?.mean(D::Minus1)?)
    }
}

fn main() -> Result<()> {
    let variables = VarMap::new();
    let model = ResNet18::new(VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu))?;
    println!("{}", model.forward(&Tensor::zeros((1, 3, 224, 224), DType::F32, &Device::Cpu)?)?);
    Ok(())
}
