//! What PyTorch gives for the same numbers, in double precision: `tests/fixtures/make.py` has written it down.

mod common;

use shapewright::prelude::*;

use common::fixture::Fixtures;

net! { LeNet: Image<1, 28, 28> => Vector<10> =
conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
>> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10) }

const FIXTURES: Fixtures = Fixtures(include_bytes!("fixtures/pytorch.safetensors"));

#[test]
fn convolutions() {
    let net = net!(Image<3, 7, 6> => conv(3=>4, k(3, 2), stride(2, 1), pad(1, 0), dilation(1, 2)));
    FIXTURES.check_case("conv", net, 2);
    FIXTURES.check_case("groups", net!(Image<4, 5, 5> => conv(4=>6, k3, pad1, groups2, nobias)), 2);
    FIXTURES.check_case("wide", net!(Image<3, 12, 12> => conv(3=>8, k5, pad2) >> relu), 2);
}

#[test]
fn max_pools() {
    FIXTURES.check_case("pool", net!(Image<2, 7, 7> => maxpool(k3, s2, pad1)), 2);
    FIXTURES.check_case("halves", net!(Image<2, 6, 6> => pool2), 2);
}

#[test]
fn dense_layer() {
    FIXTURES.check_case("dense", net!(Vector<7> => dense(7=>5)), 3);
}

#[test]
fn lenet() {
    let (mut model, x) = FIXTURES.check_case("lenet", LeNet, 2);
    let labels = Labels::new(&[3, 7]).expect("classes from 0 to 9");
    let (loss, _) = model.gradients(&x, &labels, &CrossEntropy).expect("two labels for two images");
    FIXTURES.check("lenet.loss", &[loss]);
}
