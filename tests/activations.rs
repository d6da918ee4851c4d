//! The activations and softmax: against PyTorch, against differences, in place and not.

mod common;

use shapewright::layer::{Backward, Forward, Head};
use shapewright::prelude::*;
use shapewright::{
    Activation, Element, Elu, Gelu, GeluTanh, HardSwish, Identity, Layer, LeakyRelu, LogSoftmax, Mish, Network,
    OutputOf, Prelu, PreluChannels, Relu, Relu6, Selu, Shape, Sigmoid, Silu, Softmax, Softplus, Tanh,
};

use common::fixture::{Fixtures, batch, numbers};
use common::gradient::worst_error;

const FIXTURES: Fixtures = Fixtures(include_bytes!("fixtures/activations.safetensors"));

/// Against PyTorch in double precision, and single precision against double.
fn check<N: Network + Copy>(name: &str, network: N, samples: usize) {
    let (model, x) = FIXTURES.check_case(name, network, samples);
    check_single(name, model, &x);
}

/// Fails unless single precision gives what double precision gives, to 2e-5.
fn check_single<N: Network>(name: &str, mut model: Model<N, f64>, x: &Batch<N::Input, f64>) {
    let samples = x.len();
    let count = samples * <OutputOf<N> as Shape>::LEN;
    let dy = batch::<OutputOf<N>>(samples, numbers(2, count));
    let mut single = model.cast::<f32>();
    let x32 = Batch::from_vec(samples, x.as_slice().iter().map(|&x| x as f32).collect()).unwrap();
    let dy32 = Batch::from_vec(samples, dy.as_slice().iter().map(|&dy| dy as f32).collect()).unwrap();
    let (gradients, gradients32) = (model.backward(x, &dy), single.backward(&x32, &dy32));
    let compare = |what: &str, double: &[f64], single: &[f32]| {
        for (index, (&double, &single)) in double.iter().zip(single).enumerate() {
            let single = f64::from(single);
            let same = single == double || single.is_nan() && double.is_nan();
            let close = (single - double).abs() <= 2e-5 * double.abs().max(1.0);
            assert!(same || close, "{name}: {what}[{index}] is {single} in single precision and {double} in double");
        }
    };
    compare("y", model.forward(x).as_slice(), single.forward(&x32).as_slice());
    compare("gradients", gradients.as_slice(), gradients32.as_slice());
    compare("dx", gradients.input().unwrap().as_slice(), gradients32.input().unwrap().as_slice());
}

const EXTREMES: [f64; 16] = [
    0.0,
    -0.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1e4,
    -1e4,
    3.0,
    -3.0,
    6.0,
    1e-8,
    -1e-8,
    50.0,
    -50.0,
    800.0,
    -800.0,
];

const USUAL: [f64; 16] = [-6.0, -5.0, -4.0, -2.5, -2.0, -1.5, -1.0, -0.5, -0.1, 0.1, 0.5, 1.0, 1.5, 2.0, 4.0, 5.0];

/// A network of one layer on values that are given; gradients where they are finite.
fn check_values<N: Network>(name: &str, network: N, samples: usize, values: &[f64]) {
    let mut model = Model::new(network, 0).cast::<f64>();
    let x = batch::<N::Input>(samples, values.iter().copied());
    let dy = batch::<OutputOf<N>>(samples, numbers(2, values.len()));
    FIXTURES.check(&format!("{name}.extremes.y"), model.forward(&x).as_slice());
    let gradients = model.backward(&x, &dy);
    let finite = gradients.input().unwrap().as_slice().iter().zip(values);
    let finite: Vec<f64> = finite.map(|(&dx, x)| if x.is_finite() { dx } else { 0.0 }).collect();
    FIXTURES.check(&format!("{name}.extremes.dx"), &finite);
    check_single(name, model, &x);
}

/// Any layer that is an activation, by its value: one type, so that tests compile once for all of them.
#[derive(Clone, Copy, Debug)]
struct InPlace(Activation);

joins!(InPlace);

fn in_place<L: Layer<Vector<1>>>(layer: L) -> InPlace {
    assert_eq!(L::HEAD, Head::Whole);
    InPlace(layer.head())
}

impl<S: Shape> Layer<S> for InPlace {
    type Output = S;

    const HEAD: Head = Head::Whole;

    fn head(&self) -> Activation {
        self.0
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        Layer::<S>::forward(&Relu, pass);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        Layer::<S>::backward(&Relu, pass);
    }
}

macro_rules! elementwise {
    ($($test:ident: $layer:expr;)*) => { $(
        #[test]
        fn $test() {
            let network = ($layer).on::<Vector<32>>();
            check_values(stringify!($test), network, 1, &[&EXTREMES[..], &USUAL[..]].concat());
            assert!(worst_error(network, 1, 7) < 1e-7);
        }
    )* };
}

elementwise! {
    relu: in_place(Relu);
    relu6: in_place(Relu6);
    leaky_relu: in_place(LeakyRelu::default());
    leaky_relu_3: in_place(LeakyRelu::new(0.3));
    elu: in_place(Elu::default());
    elu_2: in_place(Elu::new(2.0));
    selu: in_place(Selu);
    gelu: Gelu;
    gelu_tanh: GeluTanh;
    silu: Silu;
    mish: Mish;
    hard_swish: HardSwish;
    softplus: in_place(Softplus);
    sigmoid: in_place(Sigmoid);
    tanh: in_place(Tanh);
    identity: in_place(Identity);
}

#[test]
fn behind_other_layers() {
    check("tanh.behind", net!(Image<2, 5, 5> => conv(2=>3, k3) >> Tanh >> flatten >> dense(4) >> Tanh), 2);
    check("silu.behind", net!(Image<2, 5, 5> => conv(2=>3, k3) >> Silu >> flatten >> dense(4) >> Silu), 2);
}

#[test]
fn parametric() {
    check("prelu", net!(Image<3, 2, 3> => {Prelu}), 2);
    check("prelu_channels", net!(Image<3, 4, 5> => {PreluChannels}), 2);
    check("prelu_features", net!(Vector<21> => {PreluChannels}), 4);
    check("prelu_sequence", PreluChannels.on::<Sequence<3, 7>>(), 2);
    assert_eq!(Model::new(net!(Image<3, 4, 5> => {PreluChannels}), 0).parameters(), [0.25; 3]);
}

#[test]
fn probabilities() {
    check("softmax", net!(Vector<19> => {Softmax}), 3);
    check("softmax.image", net!(Image<5, 3, 7> => {Softmax}), 2);
    check("softmax.sequence", Softmax.on::<Sequence<3, 9>>(), 2);
    check("log_softmax", net!(Vector<19> => {LogSoftmax}), 3);
    check("log_softmax.image", net!(Image<5, 3, 7> => {LogSoftmax}), 2);
    check("log_softmax.sequence", LogSoftmax.on::<Sequence<3, 9>>(), 2);
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    let values = [1e4, -1e4, 0.0, -1e4, -1e4, -1e4, infinity, 0.0, 1.0, -infinity, 0.0, 1.0, nan, 0.0, 1.0];
    check_values("softmax", net!(Vector<3> => {Softmax}), 5, &values);
    check_values("log_softmax", net!(Vector<3> => {LogSoftmax}), 5, &values);
}

gradient_checks! {
    gradient_prelu: Image<3, 5, 5> => conv!(4, k3) >> prelu >> flatten >> prelu, 3;
    gradient_prelu_channels: Image<3, 5, 5> => conv!(4, k3) >> shapewright::PreluChannels, 3;
    gradient_prelu_features: Vector<7> => dense!(5) >> shapewright::PreluChannels, 3;
    gradient_softmax: Image<3, 5, 5> => conv!(4, k3) >> softmax, 3;
    gradient_softmax_of_features: Vector<6> => dense!(19) >> softmax >> relu, 3;
    gradient_log_softmax: Image<3, 5, 5> => conv!(4, k3) >> log_softmax, 3;
    gradient_log_softmax_of_features: Vector<6> => dense!(19) >> log_softmax, 1;
    gradient_in_place_twice: Image<2, 4, 4> => conv!(3, k3) >> tanh >> selu >> flatten >> sigmoid >> softplus, 1;
    gradient_in_place_nested: Image<2, 4, 4> => sigmoid >> (tanh >> conv!(3, k3)) >> (selu >> elu), 1;
    gradient_in_place_around: Image<2, 4, 4> => repeat!(3, shapewright::Sigmoid >> conv(2, k3, pad1) >> shapewright::Tanh) >> elu, 1;
    gradient_of_all_in_turn: Image<2, 6, 6> => sigmoid >> conv!(4, k3) >> tanh >> selu >> gelu >> softplus
        >> maxpool!(k2, s2) >> elu >> repeat!(2, shapewright::Mish >> shapewright::Prelu >> shapewright::Sigmoid) >> flatten >> tanh >> softmax, 3;
}

/// Compares a layer that applies an activation as it writes, or has it applied right behind, with the two one by one.
macro_rules! epilogues {
    ($($test:ident: $input:ty => $output:ty, $layer:expr;)*) => { $(
        #[test]
        fn $test() {
            use shapewright::dsl::*;
            for activation in activations() {
                let mut whole = Model::new(($layer >> activation).on::<$input>(), 4);
                let mut first = Model::new(($layer).on::<$input>(), 4);
                first.parameters_mut().copy_from_slice(whole.parameters());
                let mut second = Model::new(activation.on::<$output>(), 4);
                let x = Batch::from_fn(3, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 5.0 - 2.0);
                let dy = Batch::from_fn(3, |sample, index| ((sample * 7 + index * 5) % 11) as f32 / 5.0 - 1.0);
                let middle = first.forward(&x);
                assert_eq!(second.forward(&middle), whole.forward(&x), "{activation:?}");
                let d_middle = second.backward(&middle, &dy);
                let gradients = first.backward(&x, d_middle.input().unwrap());
                assert_eq!(whole.backward(&x, &dy).as_slice(), gradients.as_slice(), "{activation:?}");
            }
        }
    )* };
}

fn activations() -> [InPlace; 9] {
    [
        in_place(Relu),
        in_place(Relu6),
        in_place(LeakyRelu::default()),
        in_place(Elu::default()),
        in_place(Selu),
        in_place(Softplus),
        in_place(Sigmoid),
        in_place(Tanh),
        in_place(Identity),
    ]
}

epilogues! {
    behind_winograd: Image<16, 12, 12> => Image<16, 12, 12>, conv!(16=>16, k3, pad1);
    behind_direct_convolution: Image<3, 12, 12> => Image<5, 12, 12>, conv!(3=>5, k5, pad2);
    behind_columns: Image<3, 12, 12> => Image<6, 12, 12>, conv!(3=>6, k1);
    behind_dense: Vector<20> => Vector<30>, dense!(20=>30);
    behind_a_pool: Image<3, 12, 12> => Image<3, 6, 6>, pool2;
}

#[test]
fn nesting_is_invisible() {
    use shapewright::dsl::*;
    let x = Batch::from_fn(3, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 5.0 - 2.0);
    fn of<N: Network<Input = Image<2, 4, 4>>>(network: N, x: &Batch<Image<2, 4, 4>>) -> Vec<f32> {
        Model::new(network, 3).forward(x).as_slice().to_vec()
    }
    let flat = of((sigmoid >> tanh >> selu >> conv!(3, k3) >> softplus >> tanh).on::<Image<2, 4, 4>>(), &x);
    let nested = [
        of((sigmoid >> (tanh >> (selu >> conv!(3, k3)) >> (softplus >> tanh))).on::<Image<2, 4, 4>>(), &x),
        of(((sigmoid >> tanh) >> (selu >> conv!(3, k3) >> softplus) >> tanh).on::<Image<2, 4, 4>>(), &x),
    ];
    assert_eq!(nested, [flat.clone(), flat]);
}

#[test]
fn no_samples_are_no_trouble() {
    let net = net!(Image<2, 1, 1> => {Gelu} >> {Prelu} >> {Tanh} >> {Softmax} >> {LogSoftmax});
    assert_eq!(Model::new(net, 0).forward(&Batch::zeros(0)).len(), 0);
}

#[test]
#[should_panic(expected = "slope")]
fn a_negative_slope_is_refused() {
    let _ = LeakyRelu::new(-0.1);
}

#[test]
#[should_panic(expected = "alpha")]
fn a_negative_alpha_is_refused() {
    let _ = Elu::new(-0.1);
}
