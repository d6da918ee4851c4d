//! What PyTorch gives for the same numbers, in double precision: `tests/fixtures/make.py` has written it down.

use safetensors::SafeTensors;

use shapewright::prelude::*;
use shapewright::{Network, OutputOf};

net! { LeNet: Image<1, 28, 28> => Vector<10> =
conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
>> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10) }

/// Multiples of 2⁻¹² from −1/4 to 1/4 that look random: the `numbers` of make.py.
fn numbers(salt: usize, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |index| (((index * 7919 + salt * 104_729) % 2003) as f64 - 1001.0) / 4096.0)
}

/// A batch whose values, one after the other, are these.
fn batch<S: shapewright::Shape>(samples: usize, values: impl Iterator<Item = f64>) -> Batch<S, f64> {
    Batch::from_vec(samples, values.collect()).expect("as many values as the batch has")
}

/// Fails unless `values`, or the sums of their equal parts if PyTorch's are stored so, agree with PyTorch's to 1e-9.
fn check(name: &str, values: &[f64]) {
    let file = SafeTensors::deserialize(include_bytes!("fixtures/pytorch.safetensors")).expect("a file of make.py");
    let decode = |stored: &[u8]| stored.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
    let (ours, theirs): (Vec<f64>, Vec<f64>) = if let Ok(sums) = file.tensor(&format!("{name}.sums")) {
        let theirs: Vec<f64> = decode(sums.data());
        (values.chunks(values.len() / theirs.len()).map(|part| part.iter().sum()).collect(), theirs)
    } else {
        (values.to_vec(), decode(file.tensor(name).expect(name).data()))
    };
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let close = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
        assert!(close, "{name}[{index}] is {ours}, PyTorch says {theirs}");
    }
}

/// The network with the parameters of make.py, checked forward and backward.
fn check_case<N: Network>(name: &str, network: N, samples: usize) -> (Model<N, f64>, Batch<N::Input, f64>) {
    let mut model = Model::new(network, 0).cast::<f64>();
    let names: Vec<String> = model.params().map(|param| param.name.to_owned()).collect();
    for (salt, name) in names.iter().enumerate() {
        let values = model.param_mut(name).expect(name).values;
        values.iter_mut().zip(numbers(10 + salt, usize::MAX)).for_each(|(value, number)| *value = number);
    }
    let x = batch(samples, numbers(1, samples * <N::Input as shapewright::Shape>::LEN).map(|number| 16.0 * number));
    let dy = batch(samples, numbers(2, samples * <OutputOf<N> as shapewright::Shape>::LEN));
    check(&format!("{name}.y"), model.forward(&x).as_slice());
    let gradients = model.backward(&x, &dy);
    check(&format!("{name}.dx"), gradients.input().expect("backward gives the gradient of the input").as_slice());
    for parameter in names {
        let gradient = gradients.param(&parameter).expect("a gradient of each parameter");
        check(&format!("{name}.gradient.{parameter}"), gradient.values);
    }
    (model, x)
}

#[test]
fn convolutions() {
    let net = net!(Image<3, 7, 6> => conv(3=>4, k(3, 2), stride(2, 1), pad(1, 0), dilation(1, 2)));
    check_case("conv", net, 2);
    check_case("groups", net!(Image<4, 5, 5> => conv(4=>6, k3, pad1, groups2, nobias)), 2);
    check_case("wide", net!(Image<3, 12, 12> => conv(3=>8, k5, pad2) >> relu), 2);
}

#[test]
fn max_pools() {
    check_case("pool", net!(Image<2, 7, 7> => maxpool(k3, s2, pad1)), 2);
    check_case("halves", net!(Image<2, 6, 6> => pool2), 2);
}

#[test]
fn dense_layer() {
    check_case("dense", net!(Vector<7> => dense(7=>5)), 3);
}

#[test]
fn lenet() {
    let (mut model, x) = check_case("lenet", LeNet, 2);
    let labels = Labels::new(&[3, 7]).expect("classes from 0 to 9");
    let (loss, _) = model.gradients(&x, &labels, &CrossEntropy).expect("two labels for two images");
    check("lenet.loss", &[loss]);
}
