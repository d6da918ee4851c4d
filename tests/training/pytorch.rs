//! Parameters to PyTorch and back: every network here, and every one by name of at most 15 million parameters, is a `torch.nn.Sequential` in
//! `tests/training/pytorch.py`.
//!
//! Needs Python with torch and safetensors: `$SHAPEWRIGHT_PYTHON`, or `python3` in the path. Without them the test says so and passes.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use shapewright::nets;
use shapewright::prelude::*;
use shapewright::{Card, Element, Network, OutputOf};

net! {
    Plain: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10);
    Residual: Image<3, 16, 16> => Vector<10> =
        conv(3=>16, k3, pad1, nobias) >> batchnorm >> relu
        >> stage1: residual(conv(16, k3, pad1, nobias) >> batchnorm >> relu >> conv(16, k3, pad1, nobias) >> batchnorm) >> relu
        >> residual(conv(32, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(32, k3, pad1, nobias) >> batchnorm
            | conv(32, k1, s2, nobias) >> batchnorm) >> relu
        >> global_avgpool >> flatten >> dense(10);
    Branches: Image<4, 6, 6> => Vector<5> =
        concat(conv(4, k1) | conv(4, k1) >> relu >> conv(6, k3, pad1) | depthwise(k3, pad1))
        >> prelu(channels) >> groupnorm(2) >> conv_transpose(14=>6, k3, s2) >> layernorm >> prelu
        >> flatten >> dense(5, nobias);
    Signals: Sequence<2, 32> => Vector<4> =
        conv(2=>8, k5, pad2) >> batchnorm >> relu >> pool2 >> conv(8=>8, k3, dil2) >> tanh
        >> flatten >> dense(16) >> batchnorm >> sigmoid >> dense(4)
}

/// How far results may be apart, relative to the largest.
fn tolerance<E: Element>() -> f64 {
    if size_of::<E>() == size_of::<f32>() { 1e-4 } else { 1e-9 }
}

/// Writes a model and what it makes of a sample.
fn write<N: Network, E: Element>(network: N, name: &str, folder: &Path) {
    let mut model = Model::new(network, 1).cast::<E>();
    let names: Vec<String> = model.statistics().map(|statistic| statistic.name.to_owned()).collect();
    for name in names {
        let values = model.statistic_mut(&name).unwrap().values;
        // Means near 0 and deviations near 1, so that something is left behind many norms.
        for (index, value) in values.iter_mut().enumerate() {
            *value += E::from_f64(0.03 * (index % 7) as f64 - 0.09);
        }
    }
    let classes = if OutputOf::<N>::DIMS.len() == 1 { OutputOf::<N>::LEN } else { 0 };
    let card = Card::of((0..classes).map(|class| format!("class {class}")));
    model.save_with(folder.join(format!("{name}.safetensors")), &card).unwrap();
    let x = Batch::from_fn(4, |sample, index| E::from_f64(((sample * N::Input::LEN + index) as f64).sin()));
    let y = model.forward(&x);
    let (dtype, encode): (Dtype, fn(E) -> Vec<u8>) = if size_of::<E>() == size_of::<f32>() {
        (Dtype::F32, |value| f32::from_f64(value.as_f64()).to_le_bytes().to_vec())
    } else {
        (Dtype::F64, |value| value.as_f64().to_le_bytes().to_vec())
    };
    let bytes =
        [x.as_slice(), y.as_slice()].map(|values| values.iter().flat_map(|&value| encode(value)).collect::<Vec<u8>>());
    let dims = |dims: &[usize]| [&[4], dims].concat();
    let views = [("x", dims(N::Input::DIMS), &bytes[0]), ("y", dims(OutputOf::<N>::DIMS), &bytes[1])]
        .map(|(name, dims, bytes)| (name, TensorView::new(dtype, dims, bytes).unwrap()));
    fs::write(folder.join(format!("{name}.sample.safetensors")), serialize(views, None).unwrap()).unwrap();
}

/// Reads a model of PyTorch's and compares what it makes of a sample.
fn read<N: Network, E: Element>(network: N, name: &str, folder: &Path) {
    let mut model = Model::new(network, 2).cast::<E>();
    model.load(folder.join(format!("{name}.torch.safetensors"))).unwrap();
    let bytes = fs::read(folder.join(format!("{name}.torch.sample.safetensors"))).unwrap();
    let sample = SafeTensors::deserialize(&bytes).unwrap();
    let values = |name: &str| -> Vec<f64> {
        let tensor = sample.tensor(name).unwrap();
        let chunks = tensor.data().chunks_exact(tensor.dtype().bitsize() / 8);
        let decode = |bytes: &[u8]| match *bytes {
            [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
            ref bytes => f64::from_le_bytes(bytes.try_into().unwrap()),
        };
        chunks.map(decode).collect()
    };
    let x: Vec<E> = values("x").into_iter().map(E::from_f64).collect();
    let y = model.forward(&Batch::from_vec(x.len() / N::Input::LEN, x).unwrap());
    let errors = y.as_slice().iter().zip(values("y")).map(|(here, there)| (here.as_f64() - there).abs());
    let scale = values("y").into_iter().fold(f64::MIN_POSITIVE, |scale, y| scale.max(y.abs()));
    let largest = errors.fold(0.0, f64::max) / scale;
    println!("{name} from PyTorch: largest difference {largest:.1e} of {scale:.1e}");
    assert!(largest <= tolerance::<E>(), "{name}: {largest}");
    let mut half = model.clone();
    half.load(folder.join(format!("{name}.half.safetensors"))).unwrap();
    for (half, whole) in half.params().chain(half.statistics()).zip(model.params().chain(model.statistics())) {
        for (half, whole) in half.values.iter().zip(whole.values) {
            let (half, whole) = (half.as_f64(), whole.as_f64());
            assert!((half - whole).abs() <= whole.abs() / 250.0 + 1e-7, "{name}: {half} and {whole}");
        }
    }
}

/// Runs the script between writing and reading; says so where there is nothing to run it.
fn exchange(test: &str, write: impl Fn(&Path), read: impl Fn(&Path)) {
    let folder = env::temp_dir().join(format!("shapewright-pytorch-{}-{test}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let python = env::var("SHAPEWRIGHT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/training/pytorch.py");
    let run = || Command::new(&python).arg(&script).arg(&folder).output();
    match run() {
        Err(error) => eprintln!("skipped: {python}: {error}"),
        Ok(output) if output.status.code() == Some(77) => {
            eprintln!("skipped: {python}: {}", String::from_utf8_lossy(&output.stdout));
        }
        Ok(_) => {
            write(&folder);
            let output = run().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            println!("{said}");
            read(&folder);
        }
    }
    fs::remove_dir_all(folder).unwrap();
}

/// A test for networks in a precision, each with its name in the script.
macro_rules! round_trips {
    ($($test:ident in $element:ty { $($network:expr, $name:literal;)* })*) => { $(
        #[test]
        fn $test() {
            exchange(
                stringify!($test),
                |folder| { $(write::<_, $element>($network, $name, folder);)* },
                |folder| { $(read::<_, $element>($network, $name, folder);)* },
            );
        }
    )* };
}

round_trips! {
    parameters_go_to_pytorch_and_back in f32 {
        Plain, "Plain";
        Residual, "Residual";
        Branches, "Branches";
        Signals, "Signals";
    }
    networks_by_name_go_to_pytorch_and_back in f32 {
        nets::SimpleConvNet, "SimpleConvNet";
        nets::ThreeLayerConvNet, "ThreeLayerConvNet";
        nets::LeNet5, "LeNet5";
        nets::LeNet, "LeNet";
        nets::ResNet18, "ResNet18";
        nets::ResNet20, "ResNet20";
        nets::MobileNetV1, "MobileNetV1";
        nets::MobileNetV1Quarter, "MobileNetV1Quarter";
        nets::Inception3a, "Inception3a";
        nets::UNet, "UNet";
        nets::TcResNet8, "TcResNet8";
    }
    small_networks_agree_to_nine_digits in f64 {
        nets::LeNet5, "LeNet5";
        nets::UNet, "UNet";
        nets::TcResNet8, "TcResNet8";
    }
}
