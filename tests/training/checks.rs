//! What is tried before a long training says so when something is wrong.

use shapewright::layer::{Backward, Forward};
use shapewright::prelude::*;
use shapewright::train::{evaluate, find_learning_rate, gradcheck, initial_loss, overfit};
use shapewright::{Element, Layer, Network, Shape};

/// y = 2x, and a gradient that is this many times what it must be.
#[derive(Clone, Copy, Default)]
struct Twice<const TIMES: u8>;

/// The factor that stands for a gradient that is not a number.
const NAN: u8 = 255;

impl<S: Shape, const TIMES: u8> Layer<S> for Twice<TIMES> {
    type Output = S;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        pass.y.iter_mut().zip(pass.x).for_each(|(y, &x)| *y = x + x);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let factor = E::from_f64(if TIMES == NAN { f64::NAN } else { 2.0 * f64::from(TIMES) });
        pass.dx.into_iter().flatten().zip(pass.dy.iter()).for_each(|(dx, &dy)| *dx = factor * dy);
    }
}

joins!([const TIMES: u8] Twice<TIMES>);

type Right = Twice<1>;
type Wrong = Twice<3>;
type Broken = Twice<NAN>;

net! {
    Sound: Vector<4> => Vector<3> = first: dense(5) >> Right >> tanh >> last: dense(3);
    Mistaken: Vector<4> => Vector<3> = first: dense(5) >> Wrong >> tanh >> last: dense(3);
    NotANumber: Vector<4> => Vector<3> = first: dense(5) >> Broken >> tanh >> last: dense(3);
    Normed: Vector<4> => Vector<3> = dense(16) >> batchnorm >> relu >> dense(3)
}

fn inputs(samples: usize) -> Batch<Vector<4>> {
    Batch::from_fn(samples, |sample, index| ((7 * sample + 5 * index) % 11) as f32 / 11.0 - 0.5)
}

fn labels(samples: usize) -> Labels<3> {
    Labels::new(&(0..samples).map(|sample| sample % 3).collect::<Vec<_>>()).unwrap()
}

/// All parameters and running statistics.
fn numbers(model: &Model<Normed>) -> Vec<f32> {
    model.params().chain(model.statistics()).flat_map(|param| param.values.to_vec()).collect()
}

/// The largest error of each parameter and of the input.
fn errors<N: Network<Input = Vector<4>, Output = Vector<3>>>(network: N) -> Vec<(String, f64)> {
    let checks = gradcheck(&Model::new(network, 1), &inputs(4), &labels(4)).unwrap();
    checks.into_iter().map(|check| (check.name, check.error)).collect()
}

#[test]
fn a_wrong_gradient_is_told_from_a_right_one() {
    let names = ["first.weight", "first.bias", "last.weight", "last.bias", "input"];
    let sound = errors(Sound);
    assert_eq!(sound.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
    assert!(sound.iter().all(|&(_, error)| error < 1e-6), "{sound:?}");
    // what stands behind the layer is right; what stands before it is three times too large: (3 − 1) / (3 + 1)
    for (name, error) in errors(Mistaken) {
        assert!(if name.starts_with("last") { error < 1e-6 } else { (error - 0.5).abs() < 1e-6 }, "{name} {error}");
    }
}

#[test]
fn a_gradient_that_is_no_number_is_infinitely_wrong() {
    for (name, error) in errors(NotANumber) {
        assert!(if name.starts_with("last") { error < 1e-6 } else { error == f64::INFINITY }, "{name} {error}");
    }
}

#[test]
fn an_untrained_network_knows_nothing() {
    let mut model = Model::new(Normed, 1);
    let before = numbers(&model);
    let (loss, chance) = initial_loss(&model, &inputs(30), &labels(30)).unwrap();
    assert_eq!(chance, 3_f64.ln());
    assert!((loss / chance - 1.0).abs() < 1.0, "{loss} against {chance}");
    assert_eq!(numbers(&model), before);
    model.param_mut("3.weight").unwrap().values.fill(0.0);
    let (loss, chance) = initial_loss(&model, &inputs(30), &labels(30)).unwrap();
    assert!((loss - chance).abs() < 1e-5, "{loss} against {chance}");
    for (index, value) in model.param_mut("3.weight").unwrap().values.iter_mut().enumerate() {
        *value = if index / 16 == 1 { -50.0 } else { 50.0 }; // whatever comes, it is not of class 1
    }
    let (loss, chance) = initial_loss(&model, &inputs(30), &labels(30)).unwrap();
    assert!(loss > 5.0 * chance, "{loss} against {chance}");
}

#[test]
fn labels_that_contradict_each_other_are_not_learned_by_heart() {
    let learned = overfit(&mut Model::new(Normed, 1), &inputs(6), &labels(6), 500).unwrap();
    assert!(learned.is_some_and(|steps| steps > 1), "{learned:?}");
    let alike = Batch::from_fn(6, |_, index| index as f32);
    assert_eq!(overfit(&mut Model::new(Normed, 1), &alike, &labels(6), 500).unwrap(), None);
    assert_eq!(overfit(&mut Model::new(Normed, 1), &inputs(6), &labels(6), 2).unwrap(), None); // too few steps
}

#[test]
fn learning_rates_rise_until_the_loss_does() {
    let model = Model::new(Normed, 1);
    let before = numbers(&model);
    let losses = find_learning_rate(&model, &inputs(30), &labels(30), (1e-3, 1e6), Sgd::new).unwrap();
    assert_eq!(numbers(&model), before);
    assert!((10..100).contains(&losses.len()), "{} steps", losses.len());
    assert_eq!(losses[0].0, 1e-3);
    assert!(losses.windows(2).all(|pair| (pair[1].0 / pair[0].0 - 1e9_f64.powf(1.0 / 99.0)).abs() < 1e-9));
    let (&(_, last), rest) = losses.split_last().unwrap();
    let lowest = rest.iter().map(|&(_, loss)| loss).fold(f64::INFINITY, f64::min);
    assert!(lowest < losses[0].1 && last > 4.0 * lowest, "{losses:?}");
    let small = find_learning_rate(&model, &inputs(30), &labels(30), (1e-6, 1e-5), Sgd::new).unwrap();
    assert_eq!(small.len(), 100); // nothing rises, so all of them are tried
    for range in [(0.0, 1.0), (1.0, 1.0), (1.0, f64::INFINITY), (f64::NAN, 1.0)] {
        assert!(find_learning_rate(&model, &inputs(3), &labels(3), range, Sgd::new).is_err());
    }
}

#[test]
fn an_output_that_is_no_number_is_never_right() {
    let mut model = Model::new(net!(Vector<3> => dense(3)), 0);
    model.parameters_mut().copy_from_slice(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    let nan = f32::NAN;
    let inputs = Batch::from([[nan, 1.0, 2.0], [nan; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 2.0]]);
    let data = Dataset::<Vector<3>, 3>::new(inputs, Labels::new(&[0, 0, 0, 1]).unwrap()).unwrap();
    let evaluation = evaluate(&model, &data, &CrossEntropy);
    assert_eq!((evaluation.samples(), evaluation.unanswered()), (4, 2));
    assert_eq!(evaluation.confusion(), [[1, 0, 0], [0, 0, 1], [0, 0, 0]]);
    assert_eq!([1, 2, 3].map(|k| evaluation.top(k)), [0.25, 0.5, 0.5]);
    assert_eq!((evaluation.accuracy(), shapewright::train::accuracy(&model, &data)), (0.25, 0.25));
    assert_eq!((evaluation.recall(0), evaluation.precision(0)), (1.0 / 3.0, 1.0));
    assert!(evaluation.loss.is_nan());
    assert!(evaluation.to_string().ends_with("\n2 without an answer: an output is not a number\n"));
    let svg = shapewright::plot::mistakes(&model, &data, &["a", "b", "c"], 9).to_string();
    assert_eq!((svg.matches("gives NaN").count(), svg.matches("says c").count()), (2, 1));
}
