//! What holds for any numbers: linear layers and their gradients are adjoint, activations see one value at a time, joints are
//! their branches.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::prelude::*;
use shapewright::{ChannelDropout, DropPath, Dropout, Network, OutputOf, Shape};

use crate::common::training::train;

const CASES: u32 = 24;

/// A batch of numbers from −4 to 4.
fn drawn<S: Shape>(samples: usize, rng: &mut ChaCha8Rng) -> Batch<S, f64> {
    Batch::from_fn(samples, |_, _| rng.random_range(-4.0..4.0))
}

/// A model all of whose parameters are random.
fn model<N: Network>(network: N, rng: &mut ChaCha8Rng) -> Model<N, f64> {
    let mut model = Model::new(network, 1).cast::<f64>();
    model.parameters_mut().fill_with(|| rng.random_range(-1.0..1.0));
    model
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn check_close(name: &str, ours: &[f64], theirs: &[f64]) -> TestCaseResult {
    prop_assert_eq!(ours.len(), theirs.len());
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        prop_assert!((ours - theirs).abs() < 1e-9 * theirs.abs().max(1.0), "{name}[{index}]: {ours} and {theirs}");
    }
    Ok(())
}

fn added(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// ⟨dy, L(x) − L(0)⟩ = ⟨dx, x⟩, and nothing of it is 0 throughout.
fn check_adjoint<N: Network>(network: N, samples: usize, seed: u64) -> TestCaseResult {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let mut model = model(network, rng);
    let (x, dy) = (drawn::<N::Input>(samples, rng), drawn::<OutputOf<N>>(samples, rng));
    let (y, gradients) = train(&mut model, &x, &dy);
    let (constant, _) = train(&mut model, &Batch::zeros(samples), &dy);
    let change: Vec<f64> = y.as_slice().iter().zip(constant.as_slice()).map(|(y, constant)| y - constant).collect();
    let dx = gradients.input().expect("the gradient of the input").as_slice();
    prop_assert!(dx.iter().any(|&dx| dx != 0.0));
    let (forward, backward) = (dot(dy.as_slice(), &change), dot(dx, x.as_slice()));
    let scale = dy.as_slice().iter().zip(&change).map(|(dy, y)| (dy * y).abs()).sum::<f64>();
    prop_assert!((forward - backward).abs() <= 1e-11 * scale, "{forward} forward, {backward} backward");
    Ok(())
}

macro_rules! linear_layers {
    ($($test:ident: $input:ty => $chain:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(CASES))]
            $(
                #[test]
                fn $test(samples in 1..5_usize, seed: u64) {
                    #[allow(unused_imports)] // a layer may be written by its type
                    use shapewright::dsl::*;
                    check_adjoint(($chain).on::<$input>(), samples, seed)?;
                }
            )*
        }
    };
}

linear_layers! {
    conv: Image<3, 6, 7> => conv!(4, k3, s2, pad(0, 1, 2, 1));
    depthwise: Image<3, 6, 7> => depthwise!(k3, same);
    separable: Image<3, 6, 7> => separable!(5, k3, pad1);
    separable_sequence: Sequence<3, 11> => separable!(5, k3, s2, pad1);
    transposed: Image<4, 3, 5> => conv_transpose!(6, k3, s2, pad1, output_pad1, groups2);
    transposed_in_registers: Image<20, 8, 8> => conv_transpose!(24, k4, s2, pad1);
    transposed_sequence: Sequence<4, 20> => conv_transpose!(6, k4, s2, pad1);
    zero_pad: Image<2, 3, 4> => zero_pad!(1, 2, 0, 3);
    zero_pad_sequence: Sequence<2, 5> => zero_pad!(3, 3, 1, 1);
    upsample: Image<2, 3, 5> => upsample!(3);
    upsample_wide: Image<2, 2, 19> => upsample!(2);
    subsample: Image<3, 5, 6> => subsample!(5, s2);
    subsample_sequence: Sequence<3, 10> => subsample!(s3);
    avgpool: Image<2, 7, 6> => avgpool!(k3, s2, pad1);
    adaptive_avgpool: Image<2, 6, 4> => adaptive_avgpool!(3, 2);
    global_avgpool: Sequence<3, 7> => global_avgpool;
    flatten: Image<2, 3, 4> => flatten;
    dense: Vector<7> => dense!(5);
    identity: Vector<7> => identity;
    dropped: Image<3, 4, 5> => Dropout::new(0.4);
    dropped_channels: Image<8, 4, 5> => ChannelDropout::new(0.4);
    dropped_channels_of_a_sequence: Sequence<8, 5> => ChannelDropout::new(0.4);
    dropped_samples: Vector<9> => DropPath::new(0.0);
    residual: Image<2, 5, 4> => residual!(conv(2, k3, pad1));
    residual_with_a_shortcut: Image<2, 5, 4> => residual!(conv(3, k3, s2, pad1) | conv(3, k1, s2));
    concatenation: Image<2, 5, 4> => branches!(identity | conv(3, k1) | zero_pad(1, 0, 0, 1) >> conv(1, k2));
    total: Image<2, 5, 4> => total!(conv(3, k1) | conv(3, k3, pad1));
    repeated: Image<2, 5, 4> => repeat!(3, conv(2=>2, k3, pad1));
}

/// An activation of values in another order is the same values, and their gradients, in that order.
fn check_elementwise<N: Network<Input = Vector<37>, Output = Vector<37>>>(network: N, seed: u64) -> TestCaseResult {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let mut model = model(network, rng);
    let (x, dy) = (drawn::<Vector<37>>(2, rng), drawn::<Vector<37>>(2, rng));
    let reversed = |batch: &Batch<Vector<37>, f64>| batch.as_slice().iter().rev().copied().collect::<Vec<_>>();
    let [back_x, back_dy] = [&x, &dy].map(|batch| Batch::from_vec(2, reversed(batch)).expect("as many values"));
    check_close("y", model.forward(&back_x).as_slice(), &reversed(&model.forward(&x)))?;
    let dx = reversed(model.backward(&x, &dy).input().expect("the gradient of the input"));
    check_close("dx", model.backward(&back_x, &back_dy).input().expect("the same").as_slice(), &dx)
}

macro_rules! activations {
    ($($test:ident: $layer:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(CASES))]
            $(
                #[test]
                fn $test(seed: u64) {
                    use shapewright::dsl::*;
                    check_elementwise(($layer).on::<Vector<37>>(), seed)?;
                }
            )*
        }
    };
}

activations! {
    each_by_itself_relu: relu;
    each_by_itself_relu6: relu6;
    each_by_itself_leaky_relu: leaky_relu!(0.3);
    each_by_itself_elu: elu;
    each_by_itself_selu: selu;
    each_by_itself_gelu: gelu;
    each_by_itself_gelu_tanh: gelu_tanh;
    each_by_itself_silu: silu;
    each_by_itself_mish: mish;
    each_by_itself_hard_swish: hard_swish;
    each_by_itself_softplus: softplus;
    each_by_itself_sigmoid: sigmoid;
    each_by_itself_tanh: tanh;
    each_by_itself_prelu: prelu;
}

/// The outputs, the gradient of the input and those of the parameters.
fn run<N: Network>(network: N, parameters: &[f64], x: &Batch<N::Input, f64>, dy: Vec<f64>) -> [Vec<f64>; 3] {
    let mut model = Model::new(network, 1).cast::<f64>();
    model.parameters_mut().copy_from_slice(parameters);
    let dy = Batch::from_vec(x.len(), dy).expect("as many values as outputs");
    let gradients = model.backward(x, &dy);
    let dx = gradients.input().expect("the gradient of the input").as_slice().to_vec();
    [model.forward(x).as_slice().to_vec(), dx, gradients.as_slice().to_vec()]
}

fn check_all(joint: &[Vec<f64>; 3], alone: &[Vec<f64>; 3]) -> TestCaseResult {
    for (name, (joint, alone)) in ["y", "dx", "gradients"].into_iter().zip(joint.iter().zip(alone)) {
        check_close(name, joint, alone)?;
    }
    Ok(())
}

type Arrives = Image<2, 5, 6>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// All branches give 3×5×6, one sample at a time, so that outputs behind each other are channels behind each other.
    #[test]
    fn joints_are_their_branches(seed: u64) {
        use shapewright::dsl::*;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let a = || conv!(3, k3, pad1) >> relu;
        let b = || maxpool!(k3, s1, pad1) >> conv!(3, k1) >> tanh;
        let [of_a, of_b] = [3 * 2 * 9 + 3, 3 * 2 + 3].map(|len| (0..len).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f64>>());
        let both = [&of_a[..], &of_b].concat();
        let x = drawn::<Arrives>(1, rng);
        let [dy_a, dy_b] = [(); 2].map(|()| drawn::<Image<3, 5, 6>>(1, rng).as_slice().to_vec());
        let run_a = run(a().on::<Arrives>(), &of_a, &x, dy_a.clone());
        let run_b = run(b().on::<Arrives>(), &of_b, &x, dy_b.clone());
        let concat = run(
            branches!(conv(3, k3, pad1) >> relu | maxpool(k3, s1, pad1) >> conv(3, k1) >> tanh).on::<Arrives>(),
            &both, &x, [&dy_a[..], &dy_b].concat(),
        );
        let [y, dx, gradients] = [0, 1, 2].map(|index| (&run_a[index][..], &run_b[index][..]));
        check_all(&concat, &[[y.0, y.1].concat(), added(dx.0, dx.1), [gradients.0, gradients.1].concat()])?;

        let run_b = run(b().on::<Arrives>(), &of_b, &x, dy_a.clone());
        let [y, dx, gradients] = [0, 1, 2].map(|index| (&run_a[index][..], &run_b[index][..]));
        let sum = [added(y.0, y.1), added(dx.0, dx.1), [gradients.0, gradients.1].concat()];
        let total = total!(conv(3, k3, pad1) >> relu | maxpool(k3, s1, pad1) >> conv(3, k1) >> tanh).on::<Arrives>();
        check_all(&run(total, &both, &x, dy_a.clone()), &sum)?;
        let shortcut = residual!(conv(3, k3, pad1) >> relu | maxpool(k3, s1, pad1) >> conv(3, k1) >> tanh).on::<Arrives>();
        check_all(&run(shortcut, &both, &x, dy_a), &sum)?;
    }

    #[test]
    fn a_residual_block_is_its_body_and_what_arrives(samples in 0..5_usize, seed: u64) {
        use shapewright::dsl::*;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let parameters: Vec<f64> = (0..2 * 2 * 9 + 2).map(|_| rng.random_range(-1.0..1.0)).collect();
        let (x, dy) = (drawn::<Arrives>(samples, rng), drawn::<Arrives>(samples, rng).as_slice().to_vec());
        let block = run(residual!(conv(2, k3, pad1) >> silu).on::<Arrives>(), &parameters, &x, dy.clone());
        let [y, dx, gradients] = run((conv!(2, k3, pad1) >> silu).on::<Arrives>(), &parameters, &x, dy.clone());
        check_all(&block, &[added(&y, x.as_slice()), added(&dx, &dy), gradients])?;
    }

    #[test]
    fn copies_are_the_layers_one_after_the_other(samples in 0..5_usize, seed: u64) {
        use shapewright::dsl::*;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let parameters: Vec<f64> = (0..3 * (2 * 2 * 9 + 2)).map(|_| rng.random_range(-1.0..1.0)).collect();
        let (x, dy) = (drawn::<Arrives>(samples, rng), drawn::<Arrives>(samples, rng).as_slice().to_vec());
        let copies = run(repeat!(3, conv(2, k3, pad1) >> tanh).on::<Arrives>(), &parameters, &x, dy.clone());
        let body = || conv!(2, k3, pad1) >> tanh;
        let chain = run((body() >> (body() >> body())).on::<Arrives>(), &parameters, &x, dy);
        check_all(&copies, &chain)?;
    }
}
