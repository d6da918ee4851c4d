//! Models as a user meets them: declared networks, names, errors, extremes, repeatability.

use shapewright::layer::{Backward, Forward};
use shapewright::optim::Optimizer;
use shapewright::prelude::*;
use shapewright::{Element, Error, Init, Layer, Network, Parameter};

net! {
    /// LeNet-5 for 28×28 grey images.
    pub LeNet: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10)
}
const _: () = assert!(LeNet::PARAMS == 61_706 && LeNet::MACS == 416_520);

net! { Stem: Image<1, 12, 12> => Image<4, 5, 5> = conv(4, k3) >> relu >> pool2 }
net! { Nested: Image<1, 12, 12> => Vector<3> =
Stem >> repeat(2, conv(4=>4, k3, pad1) >> relu) >> body: (conv(8, k3) >> relu) >> flatten >> head: dense(3) }

fn names<N: Network>(network: N) -> Vec<String> {
    Model::new(network, 0).params().map(|param| param.name.to_owned()).collect()
}

fn images<S: shapewright::Shape>(samples: usize) -> Batch<S> {
    Batch::from_fn(samples, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 23.0)
}

fn labels<const CLASSES: usize>(samples: usize) -> Labels<CLASSES> {
    Labels::new(&(0..samples).map(|sample| sample * 7 % CLASSES).collect::<Vec<_>>()).unwrap()
}

#[test]
fn the_expressions_of_the_documentation_run() {
    use shapewright::dsl::*;
    let net = net!(Image<3, 32, 32> => conv!(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense(10));
    let model = Model::new(net, 7);
    let x = Batch::<Image<3, 32, 32>>::zeros(4);
    let y: Batch<Vector<10>> = model.forward(&x);
    assert_eq!(y, Batch::zeros(4));

    let lenet = Model::new(LeNet, 42).cast::<f64>();
    assert_eq!(lenet.parameters().len(), 61_706);

    let stem = conv!(3=>32, k5, pad2) >> relu >> pool2;
    let whole = stem >> flatten >> dense!(10);
    let model = Model::new(whole.on::<Image<3, 24, 24>>(), 1);
    assert_eq!(model.param("4.weight").unwrap().dims, [10, 32 * 12 * 12]);

    let inner = conv!(8, k3) >> relu;
    let net = net!(Image<1, 8, 8> => {inner} >> conv(8=>2, k3));
    assert_eq!(names(net), ["0.weight", "0.bias", "2.weight", "2.bias"]);
}

#[test]
#[should_panic(expected = "two parameters are called `same.weight`: each stage needs a label of its own")]
fn two_stages_of_one_label_are_refused() {
    use shapewright::Labeled;
    use shapewright::dsl::*;
    let twice = Labeled::new("same", dense!(4)) >> relu >> Labeled::new("same", dense!(3));
    let _ = Model::new(twice.on::<Vector<2>>(), 1);
}

#[test]
fn a_batch_of_more_values_than_there_are_numbers_is_refused() {
    // 2⁶³ samples of 2 values are 2⁶⁴, which wraps to none.
    let samples = usize::MAX / 2 + 1;
    let wanted = format!("the number of values must be {}, but is 0", usize::MAX);
    assert_eq!(Batch::<Vector<2>>::from_vec(samples, Vec::new()).unwrap_err().to_string(), wanted);
    assert_eq!(Batch::<Vector<2>>::from_slice(samples, &[]).unwrap_err().to_string(), wanted);
    assert!(std::panic::catch_unwind(|| Batch::<Vector<2>>::zeros(samples)).is_err());
}

#[test]
fn parameters_are_named_as_in_pytorch() {
    assert_eq!(
        names(LeNet),
        [
            "0.weight",
            "0.bias",
            "3.weight",
            "3.bias",
            "fc1.weight",
            "fc1.bias",
            "fc2.weight",
            "fc2.bias",
            "11.weight",
            "11.bias"
        ]
    );
    assert_eq!(
        names(Nested),
        [
            "0.0.weight",
            "0.0.bias",
            "1.0.0.weight",
            "1.0.0.bias",
            "1.1.0.weight",
            "1.1.0.bias",
            "body.0.weight",
            "body.0.bias",
            "head.weight",
            "head.bias"
        ]
    );
    let model = Model::new(LeNet, 0);
    assert_eq!(model.param("3.weight").unwrap().dims, [16, 6, 5, 5]);
    assert_eq!(model.param("fc1.weight").unwrap().dims, [120, 400]);
}

#[test]
fn weights_start_by_he_and_biases_at_zero() {
    let model = Model::new(LeNet, 1);
    let weights = model.param("fc1.weight").unwrap().values;
    let mean = weights.iter().sum::<f32>() / weights.len() as f32;
    let deviation = (weights.iter().map(|w| (w - mean).powi(2)).sum::<f32>() / weights.len() as f32).sqrt();
    assert!(mean.abs() < 1e-3 && (deviation / (2.0_f32 / 400.0).sqrt() - 1.0).abs() < 0.01, "{mean} {deviation}");
    assert!(model.param("fc1.bias").unwrap().values.iter().all(|&bias| bias == 0.0));
    assert_eq!(model.parameters(), Model::new(LeNet, 1).parameters());
    assert_ne!(model.parameters(), Model::new(LeNet, 2).parameters());
}

#[test]
fn a_batch_is_its_samples_one_by_one() {
    let model = Model::new(LeNet, 3);
    for samples in [0, 1, 2, 17, 40] {
        let x = images::<Image<1, 28, 28>>(samples);
        let together = model.forward(&x);
        assert_eq!(together.len(), samples);
        for (index, y) in together.iter().enumerate() {
            let alone = model.forward(&x.tensor(index).into_iter().collect());
            let differences = y.iter().zip(alone.sample(0)).map(|(a, b)| (a - b).abs());
            assert!(differences.fold(0.0, f32::max) < 1e-5);
        }
    }
}

#[test]
fn infer_into_gives_the_same_bits_in_any_number_of_lanes() {
    let model = Model::new(LeNet, 3);
    for samples in [0, 1, 7, 40] {
        let x = images(samples);
        for lanes in [0, 1, 2, 5, 64] {
            let mut y = Batch::from_fn(samples, |_, _| f32::NAN);
            model.infer_into(&x, &mut y, &mut shapewright::Scratch::with_lanes(lanes)).unwrap();
            assert_eq!(y, model.forward(&x));
        }
    }
    let error = model.infer_into(&images(2), &mut Batch::zeros(3), &mut shapewright::Scratch::new()).unwrap_err();
    assert!(matches!(error, Error::Samples { batch: 2, targets: 3 }));
}

// The dense layer's weights outgrow the cache, so it takes more samples at once than the convolution before it.
net! { Gathering: Image<4, 32, 32> => Vector<80> = conv(8, k3, pad1) >> relu >> pool2 >> flatten >> dense(80) }

#[test]
fn parts_that_run_in_tiles_of_their_own_give_the_same_numbers() {
    const SAMPLES: usize = 130;
    let mut model = Model::new(Gathering, 3).cast::<f64>();
    let (x, dy) = (images::<Image<4, 32, 32>>(SAMPLES).cast(), images::<Vector<80>>(SAMPLES).cast());
    let (whole, y) = (model.backward(&x, &dy), model.forward(&x));
    let mut sum = vec![0.0; Gathering::PARAMS];
    for index in 0..SAMPLES {
        let alone = x.select(&[index]);
        let part = model.backward(&alone, &dy.select(&[index]));
        sum.iter_mut().zip(part.as_slice()).for_each(|(sum, part)| *sum += part);
        let input = whole.input().unwrap().sample(index);
        assert!(input.iter().zip(part.input().unwrap().sample(0)).all(|(a, b)| (a - b).abs() < 1e-11));
        assert!(y.sample(index).iter().zip(model.forward(&alone).sample(0)).all(|(a, b)| (a - b).abs() < 1e-11));
    }
    assert!(sum.iter().zip(whole.as_slice()).all(|(a, b)| (a - b).abs() < 1e-8));
}

#[test]
fn gradients_of_parts_add_up_to_those_of_the_batch() {
    let mut model = Model::new(LeNet, 3).cast::<f64>();
    let (x, dy) = (images::<Image<1, 28, 28>>(37).cast(), images::<Vector<10>>(37).cast());
    let whole = model.backward(&x, &dy);
    let mut sum = vec![0.0; LeNet::PARAMS];
    for index in 0..37 {
        let part = model.backward(&x.select(&[index]), &dy.select(&[index]));
        sum.iter_mut().zip(part.as_slice()).for_each(|(sum, part)| *sum += part);
        let (input, part) = (whole.input().unwrap().sample(index), part.input().unwrap());
        assert!(input.iter().zip(part.sample(0)).all(|(a, b)| (a - b).abs() < 1e-12));
    }
    assert!(sum.iter().zip(whole.as_slice()).all(|(a, b)| (a - b).abs() < 1e-10));
    assert_eq!(whole.as_slice(), model.backward_eval(&x, &dy).as_slice());
    assert_eq!(model.backward(&Batch::zeros(0), &Batch::zeros(0)).as_slice(), vec![0.0; LeNet::PARAMS]);
}

#[test]
fn the_input_gradient_is_computed_where_it_is_asked_for() {
    let mut model = Model::new(LeNet, 3);
    let (x, labels) = (images(5), labels(5));
    let (loss, without) = model.gradients(&x, &labels, &CrossEntropy).unwrap();
    let (same, with) = model.gradients_with_input(&x, &labels, &CrossEntropy).unwrap();
    assert_eq!((loss, without.as_slice()), (same, with.as_slice()));
    assert!(without.input().is_none());
    assert!(with.input().unwrap().as_slice().iter().any(|&value| value != 0.0));
}

#[test]
fn bad_input_is_an_error_with_its_numbers() {
    let mut model = Model::new(LeNet, 3);
    let before = model.parameters().to_vec();
    let mut sgd = Sgd::new(0.1);
    let text = |error: Error| error.to_string();

    let error = model.step(&images(3), &labels(4), &CrossEntropy, &mut sgd).unwrap_err();
    assert_eq!(text(error), "the number of samples is 3, but the number of targets is 4");
    let error = model.step(&images(0), &labels(0), &CrossEntropy, &mut sgd).unwrap_err();
    assert_eq!(text(error), "a batch of 0 samples has no loss");
    let mut broken = images(3);
    broken.as_mut_slice()[1_000] = f32::NAN;
    let error = model.step(&broken, &labels(3), &CrossEntropy, &mut sgd).unwrap_err();
    let origin = Some(shapewright::Origin::Input { sample: 1 });
    assert!(matches!(&error, Error::NonFiniteLoss { loss, origin: found } if loss.is_nan() && *found == origin));
    assert_eq!(model.parameters(), before);

    assert!(
        text(model.param("fc3.weight").unwrap_err())
            .starts_with("there is no parameter `fc3.weight`; there are: 0.weight, 0.bias")
    );
    let error = sgd.update(&mut [0.0; 2], &[0.0; 2]).and_then(|()| sgd.update(&mut [0.0; 3], &[0.0; 3])).unwrap_err();
    assert!(text(error).starts_with("the optimizer has moments for 2 parameters, but is used on 3"));
}

#[test]
fn nan_reaches_the_output() {
    let model = Model::new(LeNet, 3);
    let mut x = images(2);
    x.as_mut_slice()[28 * 28 + 14 * 28 + 14] = f32::NAN;
    let y = model.forward(&x);
    assert!(y.sample(0).iter().all(|value| value.is_finite()));
    assert!(y.sample(1).iter().all(|value| value.is_nan()));
}

#[test]
fn predicts_a_class_and_how_sure() {
    let mut model = Model::new(net!(Vector<2> => dense(3)), 0);
    model.param_mut("0.weight").unwrap().values.copy_from_slice(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let prediction = model.predict(&Tensor::from([1.0, 2.0]));
    let expected = 2.0_f32.exp() / (1.0_f32.exp() + 2.0_f32.exp() + 1.0);
    assert_eq!(prediction.class, 1);
    assert!((prediction.probability - expected).abs() < 1e-6);
}

#[test]
fn training_learns_and_a_clone_goes_its_own_way() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let mut model = Model::new(Nested, 5);
    let (x, labels) = (images(20), labels(20));
    shared(&model);
    let untouched = model.clone();
    let mut adam = Adam::new(3e-3);
    let losses: Vec<f32> = (0..60).map(|_| model.step(&x, &labels, &CrossEntropy, &mut adam).unwrap()).collect();
    assert!(losses[59] < losses[0] / 3.0, "{losses:?}");
    assert_eq!(untouched.parameters(), Model::new(Nested, 5).parameters());
}

/// The parameters after 20 steps and what the network then gives, folded to one number bit by bit.
fn fingerprint<N, I: shapewright::Shape, const CLASSES: usize>(
    network: N,
    rate: f64,
    samples: usize,
    threads: usize,
) -> u64
where
    N: Network<Input = I, Output = Vector<CLASSES>>,
    Vector<CLASSES>: shapewright::shape::rules::Scores,
{
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut model = Model::new(network, 11);
        let (x, labels) = (images(samples), labels::<CLASSES>(samples));
        let mut sgd = Sgd::new(rate).momentum(0.9);
        for _ in 0..20 {
            model.step(&x, &labels, &CrossEntropy, &mut sgd).unwrap();
        }
        let y = model.forward(&x);
        let values = model.parameters().iter().chain(y.as_slice());
        values.fold(0, |hash: u64, value| hash.rotate_left(5) ^ u64::from(value.to_bits()))
    })
}

// Layers with so much work that the threads divide it where there is one sample only.
net! { Wide: Image<16, 32, 32> => Vector<3> =
conv(24, k5, pad2) >> relu >> conv(24, k3, pad1) >> relu >> pool2 >> flatten >> dense(3) }

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let alone = [fingerprint(LeNet, 0.05, 45, 1), fingerprint(Wide, 0.05, 1, 1)];
    for threads in [2, 4, 7] {
        assert_eq!(
            [fingerprint(LeNet, 0.05, 45, threads), fingerprint(Wide, 0.05, 1, threads)],
            alone,
            "{threads} threads"
        );
    }
}

/// Twenty steps, so that a bit that differs anywhere spreads.
#[test]
fn any_number_of_threads_gives_the_same_bits_whatever_the_layers() {
    #[expect(clippy::needless_pass_by_value, reason = "as the networks of the families are handed over")]
    fn check<N: Network<Output = Vector<5>>>(name: &str, network: N) {
        let alone = fingerprint(network.clone(), 0.002, 21, 1);
        for threads in [2, 4, 7] {
            assert_eq!(fingerprint(network.clone(), 0.002, 21, threads), alone, "{name}, {threads} threads");
        }
    }
    for_each_family!(check);
}

#[test]
fn what_is_prepared_follows_the_parameters() {
    let (mut model, x) = (Model::new(LeNet, 1), images(2));
    let before = model.forward(&x);
    model.param_mut("0.weight").unwrap().values.fill(0.0);
    let without = model.forward(&x);
    assert_ne!(before, without);
    model.parameters_mut().fill(0.0);
    assert_eq!(model.forward(&x), Batch::zeros(2));
    let mut trained = Model::new(LeNet, 1);
    assert_eq!(trained.forward(&x), before);
    trained.step(&x, &labels(2), &CrossEntropy, &mut Sgd::new(0.1)).unwrap();
    let mut fresh = Model::new(LeNet, 2);
    fresh.parameters_mut().copy_from_slice(trained.parameters());
    assert_eq!(trained.forward(&x), fresh.forward(&x));
    assert_eq!(trained.clone().forward(&x), fresh.forward(&x));
}

/// Two weights in one stage, which computes nothing.
#[derive(Clone, Copy, Default)]
struct Two;

impl Layer<Vector<6>> for Two {
    type Output = Vector<6>;

    const PARAMS: usize = 20 * 6 + 4 * 600;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        pass.y.copy_from_slice(pass.x);
    }

    fn backward<E: Element>(&self, _pass: Backward<'_, E>) {}

    fn parameters(&self) -> Vec<Parameter> {
        [("first", [20, 6]), ("second", [4, 600])]
            .map(|(name, dims)| Parameter { name, dims: dims.to_vec(), init: Init::HeUniform })
            .to_vec()
    }
}

#[test]
fn each_weight_starts_by_the_fan_of_its_own() {
    let model = Model::new(Two.on::<Vector<6>>(), 5);
    let largest = |name| model.param(name).unwrap().values.iter().fold(0_f32, |most, weight| most.max(weight.abs()));
    assert!((0.9..=1.0).contains(&largest("0.first")), "√(6 / 6), not {}", largest("0.first"));
    assert!((0.09..=0.1).contains(&largest("0.second")), "√(6 / 600), not {}", largest("0.second"));
}
