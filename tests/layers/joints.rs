//! Residual blocks, sums and concatenations: gradients, names, values of their branches.

use shapewright::prelude::*;
use shapewright::{Chain, Concat, Identity, Layer, Network, Residual, Sum};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/joints.safetensors"));

fixtures! { FIXTURES.check:
    residual_blocks {
        "residual": Image<2, 5, 5> => residual!(conv(2, k3, pad1) >> relu >> conv(2, k3, pad1));
        "residual.shortcut": Image<2, 6, 6> => residual!(conv(3, k3, s2, pad1) >> relu >> conv(3, k3, pad1) | conv(3, k1, s2)) >> relu;
        "residual.activation_first": Image<2, 4, 5> => residual!(tanh >> conv(2, k3, pad1));
        "residual.features": Vector<6> => residual!(dense(6) >> sigmoid);
        "residual.nested": Image<2, 3, 4> => residual!(residual(conv(2, k1) >> relu) >> conv(2, k1));
    }
    concatenations {
        "concat": Image<3, 6, 5> => branches!(conv(2, k1) >> relu | conv(1, k3, pad1) | maxpool(k3, s1, pad1) >> conv(4, k1));
        "concat.input": Sequence<2, 7> => branches!(identity | relu);
        "concat.features": Vector<4> => branches!(dense(3) | dense(5) >> tanh);
    }
    sums {
        "sum": Image<2, 4, 4> => total!(conv(3, k1) | conv(3, k3, pad1) >> relu);
        "sum.three": Vector<4> => total!(dense(3) | relu >> dense(3) | dense(3) >> tanh);
    }
    repeats {
        "repeat": Image<2, 4, 5> => identity >> repeat!(3, conv(2, k3, pad1) >> relu);
        "repeat.activations": Vector<5> => identity >> repeat!(2, sigmoid >> dense(5) >> tanh);
    }
}

/// A residual block whose body and shortcut are chains.
macro_rules! block {
    ($body:expr) => {
        Residual::new(Chain($body), Identity)
    };
    ($body:expr, $shortcut:expr) => {
        Residual::new(Chain($body), Chain($shortcut))
    };
}

gradient_checks! {
    plain: Image<2, 5, 5> => block!(conv!(2, k3, pad1) >> relu >> conv!(2, k3, pad1)) >> relu, 3;
    shortcut: Image<2, 6, 6> => block!(conv!(3, k3, s2, pad1) >> relu >> conv!(3, k3, pad1), conv!(3, k1, s2)) >> relu, 3;
    body_begins_with_relu: Image<2, 4, 4> => conv!(3, k3) >> block!(relu >> conv!(3, k3, pad1)) >> relu >> conv!(1, k2), 3;
    body_ends_in_relu: Image<2, 4, 4> => block!(conv!(2, k3, pad1) >> relu) >> conv!(1, k2), 3;
    both_end_in_relu: Image<2, 4, 4> => conv!(2, k1) >> block!(conv!(2, k3, pad1) >> relu, conv!(2, k1) >> relu) >> relu >> conv!(1, k2), 3;
    shortcut_is_relu: Image<2, 4, 4> => conv!(2, k1) >> block!(conv!(2, k3, pad1), relu) >> conv!(1, k2), 3;
    body_is_relu: Image<2, 4, 4> => conv!(2, k1) >> block!(relu) >> conv!(1, k2), 3;
    nested: Image<2, 4, 4> => block!(block!(conv!(2, k3, pad1) >> relu) >> relu >> conv!(2, k1)) >> flatten >> dense!(2), 3;
    first_of_all: Vector<4> => block!(dense!(4) >> relu) >> dense!(3), 17;
    three_summed: Image<2, 4, 4> =>
        Sum::new(Chain(conv!(3, k1)), Sum::new(Chain(conv!(3, k3, pad1) >> relu), Chain(maxpool!(k3, s1, pad1) >> conv!(3, k1)))) >> relu, 3;
    inception: Image<3, 6, 6> =>
        Concat::new(Chain(conv!(2, k1) >> relu), Concat::new(Chain(conv!(1, k3, pad1)), Chain(maxpool!(k3, s1, pad1) >> conv!(4, k1) >> relu)))
        >> relu >> conv!(2, k3), 3;
    concatenated_input: Image<2, 4, 4> => conv!(2, k1) >> Concat::new(Chain(Identity), Chain(relu)) >> conv!(2, k3), 3;
    features: Image<2, 3, 3> => Concat::new(Chain(flatten), Chain(conv!(3, k2) >> relu >> flatten >> dense!(5))) >> dense!(4), 3;
}

fn images<S: shapewright::Shape>(samples: usize) -> Batch<S> {
    Batch::from_fn(samples, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 23.0 - 0.4)
}

fn names(network: impl Network) -> Vec<String> {
    Model::new(network, 0).params().map(|param| param.name.to_owned()).collect()
}

#[test]
fn branches_have_names_of_their_own() {
    use shapewright::dsl::*;
    let block = block!(conv!(4, k3, s2, pad1) >> relu >> conv!(4, k3, pad1), conv!(4, k1, s2, nobias));
    let branches = Concat::new(Chain(conv!(1, k1)), Concat::new(Chain(relu >> conv!(2, k1)), Chain(conv!(3, k1))));
    let net = net!(Image<3, 8, 8> => conv(4, k1) >> {block} >> mix: {branches} >> flatten >> dense(2));
    assert_eq!(
        names(net),
        [
            "0.weight",
            "0.bias",
            "1.0.weight",
            "1.0.bias",
            "1.2.weight",
            "1.2.bias",
            "1.shortcut.0.weight",
            "mix.0.0.weight",
            "mix.0.0.bias",
            "mix.1.1.weight",
            "mix.1.1.bias",
            "mix.2.0.weight",
            "mix.2.0.bias",
            "4.weight",
            "4.bias",
        ]
    );
}

#[test]
fn a_residual_block_is_its_body_and_its_input() {
    use shapewright::dsl::*;
    let body = || conv!(2, k3, pad1) >> relu >> conv!(2, k3, pad1) >> relu;
    let (plain, block) = (body().on::<Image<2, 7, 7>>(), block!(body()).on::<Image<2, 7, 7>>());
    let (plain, block) = (Model::new(plain, 3), Model::new(block, 3));
    for samples in [0, 1, 5, 33] {
        let x = images(samples);
        let sum = plain.forward(&x).as_slice().iter().zip(x.as_slice()).map(|(y, x)| y + x).collect();
        assert_eq!(block.forward(&x), Batch::from_vec(samples, sum).unwrap());
    }
}

#[test]
fn a_concatenation_is_its_branches() {
    use shapewright::dsl::*;
    let (a, b) = (|| conv!(2, k3, pad1) >> relu, || maxpool!(k3, s1, pad1));
    let both = Model::new(Concat::new(Chain(a()), Chain(b())).on::<Image<3, 5, 5>>(), 3);
    let (a, b) = (Model::new(a().on::<Image<3, 5, 5>>(), 3), Model::new(b().on::<Image<3, 5, 5>>(), 3));
    for samples in [0, 1, 33] {
        let x = images(samples);
        let (y, ya, yb) = (both.forward(&x), a.forward(&x), b.forward(&x));
        for sample in 0..samples {
            assert_eq!(y.sample(sample), [ya.sample(sample), yb.sample(sample)].concat());
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let train = |threads: usize| {
        use shapewright::dsl::*;
        let block = block!(conv!(4, k3, pad1) >> relu >> conv!(4, k3, pad1), conv!(4, k1));
        let net =
            block >> relu >> Concat::new(Chain(conv!(2, k3)), Chain(conv!(1, k3) >> relu)) >> flatten >> dense!(3);
        let mut model = Model::new(net.on::<Image<2, 9, 9>>(), 3);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let labels = Labels::<3>::new(&(0..37).map(|sample| sample % 3).collect::<Vec<_>>()).unwrap();
        pool.install(|| {
            for _ in 0..5 {
                model.step(&images(37), &labels, &CrossEntropy, &mut Sgd::new(0.05)).unwrap();
            }
        });
        model.parameters().to_vec()
    };
    let alone = train(1);
    assert!([2, 4, 7].into_iter().all(|threads| train(threads) == alone));
}

#[test]
fn shapes_of_joints() {
    use shapewright::dsl::*;
    fn gives<I: shapewright::Shape, O: shapewright::Shape>(_: impl Layer<I, Output = O>) {}
    gives::<Image<3, 8, 8>, Image<8, 8, 8>>(Concat::new(Chain(conv!(5, k1)), Chain(Identity)));
    gives::<Sequence<3, 8>, Sequence<6, 8>>(Concat::new(Chain(Identity), Chain(relu)));
    gives::<Vector<3>, Vector<13>>(Concat::new(Chain(dense!(10)), Chain(Identity)));
    gives::<Image<2, 3, 4>, Vector<48>>(Concat::new(Chain(flatten), Chain(relu >> flatten)));
}
