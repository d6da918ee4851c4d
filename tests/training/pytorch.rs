//! Parameters to PyTorch and back: every network here is a `torch.nn.Sequential` in `tests/training/pytorch.py`.
//!
//! Needs Python with torch and safetensors: `$SHAPEWRIGHT_PYTHON`, or `python3` in the path. Without them the test says so and passes.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use shapewright::prelude::*;
use shapewright::{Card, Network, OutputOf};

net! {
    LeNet: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10);
    ResNet: Image<3, 16, 16> => Vector<10> =
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

/// Writes a model and what it makes of a sample.
fn write<N: Network>(network: N, name: &str, folder: &Path) {
    let mut model = Model::new(network, 1);
    let names: Vec<String> = model.statistics().map(|statistic| statistic.name.to_owned()).collect();
    for name in names {
        let values = model.statistic_mut(&name).unwrap().values;
        values.iter_mut().enumerate().for_each(|(index, value)| *value += 0.1 * (index % 7) as f32);
    }
    let card = Card::of((0..OutputOf::<N>::LEN).map(|class| format!("class {class}")));
    model.save_with(folder.join(format!("{name}.safetensors")), &card).unwrap();
    let x = Batch::<N::Input>::from_fn(4, |sample, index| ((sample * N::Input::LEN + index) as f32).sin());
    let y = model.forward(&x);
    let bytes = [x.as_slice(), y.as_slice()]
        .map(|values| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
    let dims = |dims: &[usize]| [&[4], dims].concat();
    let views = [("x", dims(N::Input::DIMS), &bytes[0]), ("y", dims(OutputOf::<N>::DIMS), &bytes[1])]
        .map(|(name, dims, bytes)| (name, TensorView::new(Dtype::F32, dims, bytes).unwrap()));
    fs::write(folder.join(format!("{name}.sample.safetensors")), serialize(views, None).unwrap()).unwrap();
}

/// Reads a model of PyTorch's and compares what it makes of a sample.
fn read<N: Network + Default>(_: N, name: &str, folder: &Path) {
    let model = Model::open(N::default(), folder.join(format!("{name}.torch.safetensors"))).unwrap();
    let bytes = fs::read(folder.join(format!("{name}.torch.sample.safetensors"))).unwrap();
    let sample = SafeTensors::deserialize(&bytes).unwrap();
    let values = |name: &str| -> Vec<f32> {
        sample.tensor(name).unwrap().data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    };
    let y = model.forward(&Batch::from_vec(5, values("x")).unwrap());
    for (position, (&here, there)) in y.as_slice().iter().zip(values("y")).enumerate() {
        assert!((here - there).abs() <= 1e-4 * there.abs().max(1.0), "{name}, {position}: {here} and {there}");
    }
    let half = Model::open(N::default(), folder.join(format!("{name}.half.safetensors"))).unwrap();
    for (half, whole) in half.params().chain(half.statistics()).zip(model.params().chain(model.statistics())) {
        for (&half, &whole) in half.values.iter().zip(whole.values) {
            assert!((half - whole).abs() <= whole.abs() / 250.0 + 1e-7, "{name}: {half} and {whole}");
        }
    }
}

#[test]
fn parameters_go_to_pytorch_and_back() {
    let folder = env::temp_dir().join(format!("shapewright-pytorch-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    write(LeNet, "lenet", &folder);
    write(ResNet, "residual", &folder);
    write(Branches, "branches", &folder);
    write(Signals, "sequence", &folder);

    let python = env::var("SHAPEWRIGHT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/training/pytorch.py");
    match Command::new(&python).arg(script).arg(&folder).output() {
        Err(error) => eprintln!("skipped: {python}: {error}"),
        Ok(output) if output.status.code() == Some(77) => {
            eprintln!("skipped: {python}: {}", String::from_utf8_lossy(&output.stdout));
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            println!("{said}");
            read(LeNet, "lenet", &folder);
            read(ResNet, "residual", &folder);
            read(Branches, "branches", &folder);
            read(Signals, "sequence", &folder);
        }
    }
    fs::remove_dir_all(folder).unwrap();
}
