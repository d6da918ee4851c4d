//! The activations and softmax: against PyTorch, against differences, in place and not.

use shapewright::layer::{Backward, Forward, Head};
use shapewright::prelude::*;
use shapewright::{
    Activation, Element, Elu, Gelu, GeluTanh, HardSwish, Identity, Layer, LeakyRelu, LogSoftmax, Mish, Network, Prelu,
    Relu, Relu6, Selu, Shape, Sigmoid, Silu, Softmax, Softplus, Tanh,
};

use crate::common::fixture::Fixtures;
use crate::common::gradient::worst_error;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/activations.safetensors"));

/// Any layer that is an activation, by its value: one type, so that tests compile once for all of them.
#[derive(Clone, Copy, Debug)]
struct InPlace(Activation);

joins!(InPlace);

#[expect(clippy::needless_pass_by_value, reason = "layers are values")]
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

fixtures! { FIXTURES.check:
    elementwise_functions {
        "relu": Vector<32> => in_place(Relu);
        "relu6": Vector<32> => in_place(Relu6);
        "leaky_relu": Vector<32> => in_place(leaky_relu);
        "leaky_relu.slope": Vector<32> => in_place(leaky_relu!(0.3));
        "elu": Vector<32> => in_place(elu);
        "elu.alpha": Vector<32> => in_place(elu!(2.0));
        "selu": Vector<32> => in_place(selu);
        "gelu": Vector<32> => gelu;
        "gelu_tanh": Vector<32> => gelu_tanh;
        "silu": Vector<32> => silu;
        "mish": Vector<32> => mish;
        "hard_swish": Vector<32> => hard_swish;
        "softplus": Vector<32> => in_place(softplus);
        "sigmoid": Vector<32> => in_place(sigmoid);
        "tanh": Vector<32> => in_place(tanh);
        "identity": Vector<32> => in_place(identity);
    }
    elementwise_functions_behind_other_layers {
        "tanh.behind": Image<2, 5, 5> => conv!(2=>3, k3) >> tanh >> flatten >> dense!(4) >> tanh;
        "silu.behind": Image<2, 5, 5> => conv!(2=>3, k3) >> silu >> flatten >> dense!(4) >> silu;
    }
    parametric_rectifiers {
        "prelu": Image<3, 2, 3> => prelu;
        "prelu.channels": Image<3, 4, 5> => prelu!(channels);
        "prelu.features": Vector<21> => prelu!(channels);
        "prelu.sequence": Sequence<3, 7> => prelu!(channels);
    }
    probabilities {
        "softmax": Vector<19> => softmax;
        "softmax.image": Image<5, 3, 7> => softmax;
        "softmax.sequence": Sequence<3, 9> => softmax;
        "softmax.extremes": Vector<3> => softmax;
        "log_softmax": Vector<19> => log_softmax;
        "log_softmax.image": Image<5, 3, 7> => log_softmax;
        "log_softmax.sequence": Sequence<3, 9> => log_softmax;
        "log_softmax.extremes": Vector<3> => log_softmax;
    }
}

/// A test for each line: the gradients of a function of one value, near 0, on both sides of each kink of any of them, and far out.
macro_rules! slopes {
    ($($test:ident: $layer:expr;)*) => { $(
        #[test]
        fn $test() {
            assert!(worst_error(($layer).on::<Vector<32>>(), 1, 7) < 1e-7);
            let x = [-9.0, -6.5, -5.5, -3.5, -3.001, -2.999, -1.5, -0.001, 0.001, 1.5, 2.999, 3.001, 4.5, 5.999, 6.001, 9.0];
            check_slopes(($layer).on::<Vector<16>>(), x);
        }
    )* };
}

/// Fails unless gradients are what differences say, which lie closer to each other than to any kink.
fn check_slopes<N: Network<Input = Vector<16>, Output = Vector<16>>>(network: N, x: [f64; 16]) {
    const STEP: f64 = 1e-5;
    let mut model = Model::new(network, 0).cast::<f64>();
    let at = |offset: f64| model.forward(&Batch::from([x.map(|x| x + offset)]));
    let (above, below) = (at(STEP), at(-STEP));
    let gradients = model.backward(&Batch::from([x]), &Batch::from([[1.0; 16]]));
    let dx = gradients.input().expect("backward gives the gradient of the input");
    for (index, x) in x.into_iter().enumerate() {
        let slope = (above.as_slice()[index] - below.as_slice()[index]) / (2.0 * STEP);
        let dx = dx.as_slice()[index];
        assert!((dx - slope).abs() < 1e-8, "at {x}: {dx}, but {slope} by differences");
    }
}

slopes! {
    slope_of_relu: in_place(Relu);
    slope_of_identity: in_place(Identity);
    slope_of_relu6: in_place(Relu6);
    slope_of_leaky_relu: in_place(LeakyRelu::new(0.3));
    slope_of_elu: in_place(Elu::new(2.0));
    slope_of_selu: in_place(Selu);
    slope_of_gelu: Gelu;
    slope_of_gelu_tanh: GeluTanh;
    slope_of_silu: Silu;
    slope_of_mish: Mish;
    slope_of_hard_swish: HardSwish;
    slope_of_softplus: in_place(Softplus);
    slope_of_sigmoid: in_place(Sigmoid);
    slope_of_tanh: in_place(Tanh);
}

#[test]
fn far_out_slopes_are_one_and_nothing() {
    #[expect(clippy::needless_pass_by_value, reason = "networks are values")]
    fn check<N: Network<Input = Vector<2>, Output = Vector<2>>>(network: N) {
        for x in [1e3, 1e20, f32::MAX] {
            let gradients = Model::new(network.clone(), 0).backward(&Batch::from([[x, -x]]), &Batch::from([[1.0; 2]]));
            assert_eq!(gradients.input().unwrap().as_slice(), [1.0, 0.0], "{x}");
        }
    }
    check(Gelu.on());
    check(GeluTanh.on());
    check(Silu.on());
    check(Mish.on());
    check(HardSwish.on());
}

#[test]
fn a_parametric_rectifier_starts_at_a_quarter() {
    assert_eq!(Model::new(net!(Image<3, 4, 5> => prelu(channels)), 0).parameters(), [0.25; 3]);
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
    fn of<N: Network<Input = Image<2, 4, 4>>>(network: N, x: &Batch<Image<2, 4, 4>>) -> Vec<f32> {
        Model::new(network, 3).forward(x).as_slice().to_vec()
    }
    let x = Batch::from_fn(3, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 5.0 - 2.0);
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
