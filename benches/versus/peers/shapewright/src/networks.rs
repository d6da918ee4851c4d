//! Whole networks.

use common::cases::{MOMENTUM, Subject};
use common::inputs;
use shapewright::prelude::*;
use shapewright::{Loss, Network, OutputOf, Shape};

net! { D1: Image<3, 32, 32> => Vector<10> = conv(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense(10) }

net! { D2: Image<1, 28, 28> => Vector<10> =
conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
>> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10) }

net! { D3: Image<3, 32, 32> => Vector<10> =
conv(3=>32, k3, pad1) >> relu >> conv(32=>32, k3, pad1) >> relu >> pool2
>> conv(32=>64, k3, pad1) >> relu >> conv(64=>64, k3, pad1) >> relu >> pool2
>> flatten >> dense(128) >> relu >> dense(10) }

net! { Chain4: Image<16, 16, 16> => Vector<10> = repeat(4, conv(16=>16, k3, pad1) >> relu) >> flatten >> dense(10) }
net! { Chain16: Image<16, 16, 16> => Vector<10> = repeat(16, conv(16=>16, k3, pad1) >> relu) >> flatten >> dense(10) }
net! { Chain64: Image<16, 16, 16> => Vector<10> = repeat(64, conv(16=>16, k3, pad1) >> relu) >> flatten >> dense(10) }

// ResNet-20 for CIFAR-10, with shortcuts that have no parameters (He et al., 2015).
net! { R20: Image<3, 32, 32> => Vector<10> =
conv(16, k3, pad1, nobias) >> batchnorm >> relu
>> repeat(3, residual(
    conv(16, k3, pad1, nobias) >> batchnorm >> relu >> conv(16, k3, pad1, nobias) >> batchnorm) >> relu)
>> residual(
    conv(32, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(32, k3, pad1, nobias) >> batchnorm
    | subsample(32, s2)) >> relu
>> repeat(2, residual(
    conv(32, k3, pad1, nobias) >> batchnorm >> relu >> conv(32, k3, pad1, nobias) >> batchnorm) >> relu)
>> residual(
    conv(64, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(64, k3, pad1, nobias) >> batchnorm
    | subsample(64, s2)) >> relu
>> repeat(2, residual(
    conv(64, k3, pad1, nobias) >> batchnorm >> relu >> conv(64, k3, pad1, nobias) >> batchnorm) >> relu)
>> global_avgpool >> flatten >> dense(10) }

// MobileNet at a quarter of its width (Howard et al., 2017).
net! { MobileNet: Image<3, 96, 96> => Vector<10> =
conv(8, k3, s2, pad1, nobias) >> batchnorm >> relu
>> depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(16, k1, nobias) >> batchnorm >> relu
>> depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(32, k1, nobias) >> batchnorm >> relu
>> depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(32, k1, nobias) >> batchnorm >> relu
>> depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(64, k1, nobias) >> batchnorm >> relu
>> depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(64, k1, nobias) >> batchnorm >> relu
>> depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(128, k1, nobias) >> batchnorm >> relu
>> repeat(5, depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(128, k1, nobias) >> batchnorm >> relu)
>> depthwise(k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(256, k1, nobias) >> batchnorm >> relu
>> depthwise(k3, pad1, nobias) >> batchnorm >> relu >> conv(256, k1, nobias) >> batchnorm >> relu
>> global_avgpool >> flatten >> dense(10) }

/// The network of this name; chains of equal blocks are ours alone.
pub fn find(name: &str, samples: usize, learning_rate: f64) -> Option<Box<dyn Subject>> {
    Some(match name {
        "D1" => data(D1, samples, learning_rate),
        "D2" => data(D2, samples, learning_rate),
        "D3" => data(D3, samples, learning_rate),
        "R20" => data(R20, samples, learning_rate),
        "MN" => data(MobileNet, samples, learning_rate),
        "chain4" => data(Chain4, samples, learning_rate),
        "chain16" => data(Chain16, samples, learning_rate),
        "chain64" => data(Chain64, samples, learning_rate),
        _ => return None,
    })
}

fn data<N: Network + 'static>(network: N, samples: usize, learning_rate: f64) -> Box<dyn Subject>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<10>>,
{
    let mut model = Model::new(network, 0);
    let parameters: Vec<_> = model.params().map(|param| (param.name.to_owned(), param.dims.to_vec())).collect();
    let mut index = 0; // of the layer with a weight that a parameter belongs to, or its norm
    for (name, dims) in parameters {
        let values = match &dims[..] {
            [_] if name.ends_with(".bias") => inputs::parameter_bias(index - 1, dims[0]),
            [_] => inputs::scale(index - 1, dims[0]),
            dims => {
                index += 1;
                inputs::parameters(index - 1, dims).0
            }
        };
        model.param_mut(&name).expect("a name of its own").values.copy_from_slice(&values);
    }
    let labels: Vec<_> = inputs::labels(samples).map(|label| label as usize).collect();
    Box::new(Data {
        model,
        x: Batch::from_vec(samples, inputs::network_x(samples, N::Input::LEN)).expect("as many values as asked for"),
        labels: Labels::new(&labels).expect("labels below 10"),
        optimizer: Sgd::new(learning_rate).momentum(MOMENTUM),
    })
}

struct Data<N: Network> {
    model: Model<N>,
    x: Batch<N::Input>,
    labels: Labels<10>,
    optimizer: Sgd,
}

impl<N: Network> Subject for Data<N>
where
    CrossEntropy: Loss<OutputOf<N>, Labels<10>>,
{
    fn step(&mut self) -> Option<f32> {
        let Self { model, x, labels, optimizer } = self;
        Some(model.step(x, labels, &CrossEntropy, optimizer).expect("a finite loss"))
    }

    fn freeze(&mut self) {
        self.model.fold();
    }

    fn logits(&self) -> Vec<f32> {
        self.model.forward(&self.x).as_slice().to_vec()
    }
}
