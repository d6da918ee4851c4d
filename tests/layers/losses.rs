//! Losses against PyTorch's, their gradients against differences, and what they refuse.

use shapewright::prelude::*;
use shapewright::{
    BinaryCrossEntropy, Element, Error, Huber, Identity, Init, Loss, MeanAbsoluteError, MeanSquaredError,
    NegativeLogLikelihood, Penalised, Summed,
};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/losses.safetensors"));
const WEIGHTS: [f64; 5] = [0.5, 1.0, 2.0, 0.25, 3.0];

type Output = Vector<5>;

/// The loss of outputs, and its gradient.
fn evaluate<Targets: Sync, E: Element>(
    y: &Batch<Output, E>,
    targets: &Targets,
    loss: &impl Loss<Output, Targets>,
) -> (E, Vec<E>) {
    let mut model = Model::new(net!(Vector<5> => {Identity}), 0).cast::<E>();
    let (value, gradients) = model.gradients_with_input(y, targets, loss).unwrap();
    (value, gradients.input().unwrap().as_slice().to_vec())
}

fn check_classes(name: &str, loss: &impl Loss<Output, Labels<5>>) {
    check(name, &FIXTURES.labels(&format!("{name}/targets")), loss);
}

fn check_values(name: &str, loss: &impl Loss<Output, Batch<Output, f64>>) {
    check(name, &FIXTURES.batch(&format!("{name}/targets")), loss);
}

/// Compares with PyTorch in both precisions, and the gradient with differences.
fn check<Targets: Sync>(name: &str, targets: &Targets, loss: &impl Loss<Output, Targets>) {
    let x: Batch<Output, f64> = FIXTURES.batch(&format!("{name}/x"));
    let (value, dx) = evaluate(&x, targets, loss);
    FIXTURES.compare(&format!("{name}/loss"), &[value]);
    FIXTURES.compare(&format!("{name}/dx"), &dx);
    let (value, single_dx) = evaluate(&x.cast::<f32>(), targets, loss);
    FIXTURES.compare(&format!("{name}/loss"), &[value]);
    FIXTURES.compare(&format!("{name}/dx"), &single_dx);
    if name.ends_with("steep") {
        return; // too steep for differences
    }
    for (index, analytic) in dx.into_iter().enumerate() {
        let at = |offset: f64| {
            let mut moved = x.clone();
            moved.as_mut_slice()[index] += offset;
            evaluate(&moved, targets, loss).0
        };
        let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
        assert!((analytic - numeric).abs() < 1e-7 * analytic.abs().max(1.0), "{name}: {analytic} against {numeric}");
    }
}

#[test]
fn cross_entropy_is_pytorchs() {
    let plain = CrossEntropy::new();
    let everything = plain.ignore_index(3).class_weights(WEIGHTS).label_smoothing(0.3);
    check_classes("cross_entropy.plain", &CrossEntropy);
    check_classes("cross_entropy.sum", &Summed(CrossEntropy));
    check_classes("cross_entropy.weights", &plain.class_weights(WEIGHTS));
    check_classes("cross_entropy.smoothing", &plain.label_smoothing(0.1));
    check_classes("cross_entropy.all_smoothing", &plain.label_smoothing(1.0));
    check_classes("cross_entropy.ignore", &plain.ignore_index(4));
    check_classes("cross_entropy.everything", &everything);
    check_classes("cross_entropy.everything_sum", &Summed(everything));
    check_classes("cross_entropy.steep", &CrossEntropy);
}

#[test]
fn negative_log_likelihood_is_pytorchs() {
    check_classes("nll.plain", &NegativeLogLikelihood);
    check_classes("nll.weights", &NegativeLogLikelihood.class_weights(WEIGHTS).ignore_index(4));
    check_classes("nll.sum", &Summed(NegativeLogLikelihood));
}

/// A network that ends in `flatten`, as those with an average in place of dense layers do.
#[test]
fn flattened_scores_are_scores() {
    let x: Batch<Output, f64> = FIXTURES.batch("cross_entropy.plain/x");
    let labels: Labels<5> = FIXTURES.labels("cross_entropy.plain/targets");
    let flat = Batch::from_vec(x.len(), x.as_slice().to_vec()).unwrap();
    let mut model = Model::new(net!(Image<5, 1, 1> => flatten), 0).cast::<f64>();
    let losses = [
        (evaluate(&x, &labels, &CrossEntropy), model.gradients_with_input(&flat, &labels, &CrossEntropy)),
        (
            evaluate(&x, &labels, &NegativeLogLikelihood.class_weights(WEIGHTS)),
            model.gradients_with_input(&flat, &labels, &NegativeLogLikelihood.class_weights(WEIGHTS)),
        ),
    ];
    for ((value, dy), flat) in losses {
        let (flat_value, gradients) = flat.unwrap();
        assert_eq!((flat_value, gradients.input().unwrap().as_slice()), (value, &dy[..]));
    }
}

#[test]
fn pointwise_losses_are_pytorchs() {
    check_values("mse", &MeanSquaredError);
    check_values("mse.sum", &Summed(MeanSquaredError));
    check_values("l1", &MeanAbsoluteError);
    check_values("l1.sum", &Summed(MeanAbsoluteError));
    check_values("huber", &Huber::default());
    check_values("huber.half", &Huber { delta: 0.5 });
    check_values("bce", &BinaryCrossEntropy);
    check_values("bce.sum", &Summed(BinaryCrossEntropy));
    check_values("bce.steep", &BinaryCrossEntropy);
}

/// Outputs that are no case of their own.
fn some_outputs() -> Batch<Output, f64> {
    FIXTURES.batch("mse/x")
}

#[test]
fn targets_of_another_element_type_and_of_another_number() {
    let targets: Batch<Output, f32> = Batch::from_fn(7, |_, _| 0.5);
    assert!(evaluate(&some_outputs(), &targets, &MeanSquaredError).0 > 0.0);
    let mut model = Model::new(net!(Vector<5> => {Identity}), 0);
    let error = model.gradients(&Batch::zeros(3), &targets, &MeanSquaredError).unwrap_err();
    assert!(matches!(error, Error::Samples { batch: 3, targets: 7 }));
}

#[test]
fn a_batch_that_is_all_ignored_has_no_loss() {
    let labels = Labels::<5>::new(&[2; 7]).unwrap();
    let (loss, dy) = evaluate(&some_outputs(), &labels, &CrossEntropy::new().ignore_index(2));
    assert_eq!((loss, dy), (0.0, vec![0.0; 35]));
}

net! { Small: Image<2, 6, 6> => Vector<3> = conv(2=>3, k3) >> relu >> flatten >> dense(3) }

#[test]
fn a_penalty_is_on_weights_alone() {
    let (x, labels) =
        (Batch::from_fn(4, |sample, index| ((sample + index) % 5) as f64 - 2.0), Labels::new(&[0, 1, 2, 0]).unwrap());
    let mut model = Model::new(Small, 3).cast::<f64>();
    model.param_mut("0.bias").unwrap().values.fill(0.5);
    let (plain, plain_gradients) = model.gradients(&x, &labels, &CrossEntropy).unwrap();
    let (loss, gradients) = model.gradients(&x, &labels, &Penalised::new(CrossEntropy, 0.1)).unwrap();
    let mut squares = 0.0;
    for param in model.params() {
        let (before, after) = (plain_gradients.param(param.name).unwrap(), gradients.param(param.name).unwrap());
        for ((before, after), weight) in before.values.iter().zip(after.values).zip(param.values) {
            let expected = if param.name.ends_with("weight") { before + 0.1 * weight } else { *before };
            assert!((after - expected).abs() < 1e-15);
            squares += if param.name.ends_with("weight") { weight * weight } else { 0.0 };
        }
    }
    assert!((loss - plain - 0.05 * squares).abs() < 1e-12);
}

/// Mean and deviation of the first layer's weights under an initialiser.
fn spread(init: Init) -> (f64, f64) {
    let net = net!(Image<32, 8, 8> => conv(32=>64, k3));
    let model = Model::with_init(net, 9, |name, default| if name == "0.weight" { init } else { default });
    let values: Vec<f64> = model.param("0.weight").unwrap().values.iter().map(|&value| f64::from(value)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

#[test]
fn initialisers_have_the_deviations_of_their_papers() {
    let (fan_in, fan_out) = (288.0_f64, 576.0);
    for (init, deviation) in [
        (Init::HeNormal, (2.0 / fan_in).sqrt()),
        (Init::HeUniform, (2.0 / fan_in).sqrt()),
        (Init::GlorotNormal, (2.0 / (fan_in + fan_out)).sqrt()),
        (Init::GlorotUniform, (2.0 / (fan_in + fan_out)).sqrt()),
        (Init::LeCunNormal, (1.0 / fan_in).sqrt()),
        (Init::PyTorch, (1.0 / fan_in / 3.0).sqrt()),
        (Init::Normal(0.02), 0.02),
        (Init::Orthogonal, (1.0 / fan_in).sqrt()),
    ] {
        let (mean, measured) = spread(init);
        assert!(mean.abs() < 0.02 * deviation && (measured / deviation - 1.0).abs() < 0.02, "{init:?}: {measured}");
    }
    assert_eq!(spread(Init::Constant(0.25)), (0.25, 0.0));
    assert_eq!(spread(Init::Ones), (1.0, 0.0));
}

#[test]
fn orthogonal_rows_are_orthonormal() {
    for dims in [[6, 10], [10, 6]] {
        use rand::SeedableRng;
        let values = Init::Orthogonal.draw(&dims, &dims, &mut rand::rngs::ChaCha8Rng::seed_from_u64(1));
        let at = |vector: usize, place: usize| {
            f64::from(if dims[0] < dims[1] { values[vector * 10 + place] } else { values[place * 6 + vector] })
        };
        for a in 0..6 {
            for b in 0..6 {
                let dot: f64 = (0..10).map(|place| at(a, place) * at(b, place)).sum();
                assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-6, "{dims:?} {a} {b}: {dot}");
            }
        }
    }
}

#[test]
fn pytorch_draws_biases_by_the_fan_of_their_weights() {
    let model = Model::with_init(net!(Image<3, 8, 8> => conv(3=>512, k5)), 9, |_, _| Init::PyTorch);
    let limit = (1.0_f32 / 75.0).sqrt();
    let largest = model.param("0.bias").unwrap().values.iter().fold(0.0_f32, |largest, bias| largest.max(bias.abs()));
    assert!(largest <= limit && largest > 0.95 * limit, "{largest} of {limit}");
}
