//! What courses and books say about whole networks.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use shapewright::data::Normalisation;
use shapewright::prelude::*;
use shapewright::{Init, Network, Outline, OutputOf, Penalised};

// Stanford CS231n, assignment 2, ConvolutionalNetworks notebook: its three-layer network.

net! { ThreeLayers: Image<3, 32, 32> => Vector<10> =
conv(3=>32, k7, pad3) >> relu >> pool2 >> flatten >> dense(100) >> relu >> dense(10) }

/// Samples that mean nothing, values from −1 to 1, and labels that mean nothing.
fn noise(samples: usize) -> (Batch<Image<3, 32, 32>>, Labels<10>) {
    let mut random = ChaCha8Rng::seed_from_u64(231);
    let images = Batch::from_fn(samples, |_, _| random.random_range(-1.0..1.0));
    let labels: Vec<usize> = (0..samples).map(|_| random.random_range(0..10)).collect();
    (images, Labels::new(&labels).expect("classes from 0 to 9"))
}

#[test]
fn cs231n_a_network_that_knows_nothing_has_a_loss_of_ln_10() {
    let mut model = Model::new(ThreeLayers, 1);
    for parameter in model.parameters_mut() {
        *parameter *= 0.01;
    }
    let (images, labels) = noise(50);
    let (loss, _) = model.gradients(&images, &labels, &CrossEntropy).expect("as many labels as images");
    assert!((loss - 10_f32.ln()).abs() < 0.01, "{loss}");
}

#[test]
fn cs231n_regularisation_raises_the_loss() {
    let mut model = Model::new(ThreeLayers, 1);
    let (images, labels) = noise(50);
    let mut loss = |strength| {
        model.gradients(&images, &labels, &Penalised::new(CrossEntropy, strength)).expect("as many labels as images").0
    };
    assert!(loss(0.5) > loss(0.1) && loss(0.1) > loss(0.0));
}

#[test]
fn cs231n_a_hundred_samples_are_learned_by_heart() {
    let (images, labels) = noise(100);
    let data = Dataset::new(images, labels).expect("as many labels as images");
    let mut model = Model::new(ThreeLayers, 1);
    let trainer = Trainer::new(Adam::new(1e-3)).epochs(15).batch_size(20).seed(1);
    let report = trainer.fit(&mut model, &data, &data).expect("a finite loss");
    let accuracy = report.last().expect("15 epochs").accuracy;
    assert!(accuracy > 0.95, "{accuracy}");
}

/// Numbers that look random, multiples of 2⁻¹⁰ from −1 to 1. Their products and sums are exact, and with a step of 2⁻¹⁵
/// so are differences, unless a sum or a maximum changes its branch on the way.
fn scattered(phase: f64, index: usize) -> f64 {
    ((phase + 12.9898 * index as f64).sin() * 1024.0).round() / 1024.0
}

/// The relative error of the notebooks, the largest |a − b| / max(1e-8, |a| + |b|), between the gradients of Σ y·dy and
/// its differences, over the input and all parameters.
fn relative_error<N: Network>(network: N, samples: usize) -> f64 {
    const STEP: f64 = 1.0 / 32_768.0;
    let mut model = Model::new(network, 0).cast::<f64>();
    for (index, value) in model.parameters_mut().iter_mut().enumerate() {
        *value = scattered(0.2, index);
    }
    let mut x = Batch::<N::Input, f64>::from_fn(samples, |sample, index| scattered(sample as f64, index));
    let dy = Batch::<OutputOf<N>, f64>::from_fn(samples, |sample, index| scattered(0.5 + sample as f64, index));
    let gradients = model.backward(&x, &dy);
    let value = |model: &Model<N, f64>, x: &Batch<N::Input, f64>| -> f64 {
        model.forward(x).as_slice().iter().zip(dy.as_slice()).map(|(y, dy)| y * dy).sum()
    };
    let error = |a: f64, above: f64, below: f64| {
        let b = (above - below) / (2.0 * STEP);
        (a - b).abs() / (a.abs() + b.abs()).max(1e-8)
    };
    let mut worst: f64 = 0.0;
    for (index, &gradient) in gradients.as_slice().iter().enumerate() {
        let mut at = |offset: f64| {
            model.parameters_mut()[index] += offset;
            let value = value(&model, &x);
            model.parameters_mut()[index] -= offset;
            value
        };
        worst = worst.max(error(gradient, at(STEP), at(-STEP)));
    }
    let input = gradients.input().expect("backward gives the gradient of the input").as_slice();
    for (index, &gradient) in input.iter().enumerate() {
        let mut at = |offset: f64| {
            x.as_mut_slice()[index] += offset;
            let value = value(&model, &x);
            x.as_mut_slice()[index] -= offset;
            value
        };
        worst = worst.max(error(gradient, at(STEP), at(-STEP)));
    }
    worst
}

#[test]
fn cs231n_sandwiches() {
    let conv_relu_pool = net!(Image<3, 16, 16> => conv(3=>3, k3, pad1) >> relu >> pool2);
    let error = relative_error(conv_relu_pool, 2);
    assert!(error < 1e-7, "conv-relu-pool: {error:e}");
    let conv_relu = net!(Image<3, 8, 8> => conv(3=>3, k3, pad1) >> relu);
    let error = relative_error(conv_relu, 2);
    assert!(error < 1e-7, "conv-relu: {error:e}");
}

// The notebook's filters for pictures: grey, and the horizontal edges of the blue channel.

net! { Filters: Image<3, 4, 5> => Image<2, 4, 5> = conv(3=>2, k3, pad1) }

#[test]
fn cs231n_image_filters() {
    let mut model = Model::new(Filters, 0);
    let weight = model.param_mut("0.weight").expect("a weight").values;
    weight.fill(0.0);
    for (channel, share) in [0.3, 0.6, 0.1].into_iter().enumerate() {
        weight[9 * channel + 4] = share;
    }
    weight[9 * 5..].copy_from_slice(&[1.0, 2.0, 1.0, 0.0, 0.0, 0.0, -1.0, -2.0, -1.0]);
    model.param_mut("0.bias").expect("a bias").values.copy_from_slice(&[0.0, 128.0]);

    // Red 200, green 100, and blue that is 80 in the upper half and 20 in the lower one.
    let picture = Batch::from_fn(1, |_, index| match index / 20 {
        0 => 200.0,
        1 => 100.0,
        _ if index % 20 < 10 => 80.0,
        _ => 20.0,
    });
    let y = model.forward(&picture);
    let (grey, edges) = y.sample(0).split_at(20);
    for (pixel, &grey) in grey.iter().enumerate() {
        let expected = if pixel < 10 { 128.0 } else { 122.0 };
        assert!((grey - expected).abs() < 1e-4, "{grey} at {pixel}");
    }
    // Inside, an edge is 4 · (above − below); along the border the padding of zeros is one, too, as wide as it is seen.
    let rows = [-80.0, 60.0, 60.0, 20.0].map(|step| [3.0, 4.0, 4.0, 4.0, 3.0].map(|taps| 128.0 + taps * step));
    assert_eq!(edges, rows.as_flattened());
}

// LeNet-5 as it is taught, on 28×28 with a padding of 2.

net! { LeNet: Image<1, 28, 28> => Vector<10> =
conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
>> flatten >> dense(400=>120) >> relu >> dense(84) >> relu >> dense(10) }
const _: () = assert!(LeNet::PARAMS == 61_706 && LeNet::MACS == 416_520);

// AlexNet on images of 227 × 227, in the form of the paper (Krizhevsky and others, 2012): two groups, as on two processors.

net! { AlexNet: Image<3, 227, 227> => Vector<1000> =
conv(3=>96, k11, s4) >> relu >> lrn(5, alpha(5e-4), k(2.0)) >> maxpool(k3, s2)
>> conv(96=>256, k5, pad2, groups2) >> relu >> lrn(5, alpha(5e-4), k(2.0)) >> maxpool(k3, s2)
>> conv(256=>384, k3, pad1) >> relu >> conv(384=>384, k3, pad1, groups2) >> relu
>> conv(384=>256, k3, pad1, groups2) >> relu >> maxpool(k3, s2) >> flatten
>> dropout(0.5) >> dense(9216=>4096) >> relu >> dropout(0.5) >> dense(4096) >> relu >> dense(1000) }
const _: () = assert!(AlexNet::PARAMS == 60_965_224);

#[test]
fn alexnet_halves_55_to_27_to_13_to_6() {
    let outline = Outline::of::<Image<3, 227, 227>, _>(&AlexNet);
    let outputs: Vec<&str> = outline.stages().iter().map(|stage| stage.output.as_str()).collect();
    let sizes = [0, 3, 7, 14].map(|stage| outputs[stage]);
    assert_eq!(sizes, ["Image<96, 55, 55>", "Image<96, 27, 27>", "Image<256, 13, 13>", "Image<256, 6, 6>"]);
}

// Seth Weidman, Deep Learning from Scratch, chapter 5: convolution of one dimension, of batches, and his network.

net! { Weidman1d: Sequence<1, 5> => Sequence<1, 5> = conv(1=>1, k3, pad1, nobias) }

#[test]
fn weidman_one_dimensional_convolution_of_a_batch() {
    let mut model = Model::new(Weidman1d, 0).cast::<f64>();
    model.param_mut("0.weight").expect("a weight").values.fill(1.0);
    let x = Batch::from([[[1.0, 2.0, 3.0, 4.0, 5.0]], [[0.0, 1.0, 2.0, 3.0, 4.0]]]);
    let y = model.forward(&x);
    assert_eq!(y.sample(0), [3.0, 6.0, 9.0, 12.0, 9.0]);
    assert_eq!(y.sample(1), [1.0, 3.0, 6.0, 9.0, 7.0]);
    let gradients = model.backward(&x, &Batch::from_fn(2, |_, _| 1.0));
    assert_eq!(gradients.input().expect("the gradient of the input").sample(0), [2.0, 3.0, 3.0, 3.0, 2.0]);
    assert_eq!(gradients.param("0.weight").expect("a weight").values, [10.0 + 6.0, 15.0 + 10.0, 14.0 + 10.0]);
}

// He checks the gradients of a sum of outputs by adding 1 to an input or to a weight: of batches, in two dimensions, of several channels.
net! {
    Weidman2d: Image<1, 4, 5> => Image<1, 4, 5> = conv(1=>1, k3, pad1, nobias);
    WeidmanChannels: Image<3, 4, 5> => Image<2, 4, 5> = conv(3=>2, k3, pad1, nobias);
}

#[test]
fn weidman_sums_of_outputs_by_perturbing() {
    check_sum(Weidman1d);
    check_sum(Weidman2d);
    check_sum(WeidmanChannels);
}

/// All numbers are small and whole, and the sum is linear in each of them: differences are exact.
fn check_sum<N: Network>(network: N) {
    const SAMPLES: usize = 3;
    let mut model = Model::new(network, 0).cast::<f64>();
    let whole = |index: usize| (index * 7 % 11) as f64 - 4.0;
    model.parameters_mut().iter_mut().enumerate().for_each(|(index, weight)| *weight = whole(index + 3));
    let x = Batch::<N::Input, f64>::from_fn(SAMPLES, |sample, index| whole(sample * N::Input::LEN + index));
    let sum = |model: &Model<N, f64>, x: &Batch<N::Input, f64>| model.forward(x).as_slice().iter().sum::<f64>();
    let before = sum(&model, &x);
    let gradients = model.backward(&x, &Batch::from_fn(SAMPLES, |_, _| 1.0));
    for (index, &slope) in gradients.input().expect("the gradient of the input").as_slice().iter().enumerate() {
        let mut moved = x.clone();
        moved.as_mut_slice()[index] += 1.0;
        assert_eq!(sum(&model, &moved) - before, slope, "input {index}");
    }
    for (index, &slope) in gradients.as_slice().iter().enumerate() {
        model.parameters_mut()[index] += 1.0;
        assert_eq!(sum(&model, &x) - before, slope, "weight {index}");
        model.parameters_mut()[index] -= 1.0;
    }
}

net! { Weidman: Image<1, 28, 28> => Vector<10> =
conv(1=>32, k5, pad2, nobias) >> tanh >> dropout(0.2) >> flatten >> dense(10) }
const _: () = assert!(Weidman::PARAMS == 800 + 25_088 * 10 + 10); // 800 weights make 25,088 features

/// He trains on MNIST for one epoch to more than 90 %; here the digits that come with the crate stand in, enlarged to
/// its size, for as many steps as a tenth of such an epoch has.
#[test]
fn weidman_learns_digits() {
    net! { Enlarge: Image<1, 8, 8> => Image<1, 28, 28> = upsample(3) >> zero_pad(2) }
    let (train, test) = shapewright::data::digits();
    let enlarge = |data: &Dataset<Image<1, 8, 8>, 10>| {
        let images = Model::new(Enlarge, 0).forward(data.inputs());
        Dataset::new(images, data.labels().clone()).expect("as many labels as images")
    };
    let mut model = Model::with_init(
        Weidman,
        3,
        |name, default| {
            if name.ends_with("weight") { Init::GlorotNormal } else { default }
        },
    );
    let trainer = Trainer::new(Sgd::new(0.01).momentum(0.9)).epochs(4).batch_size(60).seed(1);
    let report = trainer.fit(&mut model, &enlarge(&train), &enlarge(&test)).expect("a finite loss");
    let accuracy = report.last().expect("4 epochs").accuracy;
    assert!(accuracy > 0.9, "{accuracy}");
}

/// The folder of a data set that is not part of the crate, from an environment variable.
fn own_copy(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("set {variable} to the folder of your own copy"))
}

/// His own figure: one epoch of MNIST.
#[test]
#[ignore = "needs MNIST in the folder SHAPEWRIGHT_MNIST, and minutes"]
fn weidman_learns_mnist_in_one_epoch() {
    let (train, test) = shapewright::data::mnist(own_copy("SHAPEWRIGHT_MNIST")).expect("MNIST's four files");
    let normalisation = Normalisation::of(&train).expect("values");
    let (train, test) = (train.normalised(&normalisation), test.normalised(&normalisation));
    let glorot = |name: &str, default| if name.ends_with("weight") { Init::GlorotNormal } else { default };
    let mut model = Model::with_init(Weidman, 3, glorot);
    let trainer = Trainer::new(Sgd::new(0.01).momentum(0.9)).epochs(1).batch_size(60).seed(1);
    let report = trainer.fit(&mut model, &train, &test).expect("a finite loss");
    let accuracy = report.last().expect("an epoch").accuracy;
    assert!(accuracy > 0.9, "{accuracy}");
}

/// CS231n's figure: one epoch of CIFAR-10 with the three-layer network of the notebook, which has 500 hidden features there.
#[test]
#[ignore = "needs CIFAR-10, binary version, in the folder SHAPEWRIGHT_CIFAR10, and minutes"]
fn cs231n_learns_cifar10_in_one_epoch() {
    net! { Notebook: Image<3, 32, 32> => Vector<10> =
    conv(3=>32, k7, pad3) >> relu >> pool2 >> flatten >> dense(500) >> relu >> dense(10) }
    let (train, test) = shapewright::data::cifar10(own_copy("SHAPEWRIGHT_CIFAR10")).expect("CIFAR-10's six files");
    let normalisation = Normalisation::of(&train).expect("values");
    let (train, test) = (train.normalised(&normalisation), test.normalised(&normalisation));
    let mut model = Model::new(Notebook, 1);
    let trainer =
        Trainer::new(Adam::new(1e-3)).loss(Penalised::new(CrossEntropy, 1e-3)).epochs(1).batch_size(50).seed(1);
    let report = trainer.fit(&mut model, &train, &test).expect("a finite loss");
    let accuracy = report.last().expect("an epoch").accuracy;
    assert!(accuracy > 0.4, "{accuracy}");
}

// Koki Saitoh, Deep Learning from Scratch: SimpleConvNet, and what his deep networks are made of: shortcuts, batch norm, He's
// initialisation (the default), dropout before the dense layers, Adam.

net! { Deep: Image<1, 8, 8> => Vector<10> =
conv(1=>16, k3, pad1, nobias) >> batchnorm >> relu
>> residual(conv(16, k3, pad1, nobias) >> batchnorm >> relu >> conv(16, k3, pad1, nobias) >> batchnorm) >> relu
>> residual(conv(32, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(32, k3, pad1, nobias) >> batchnorm | conv(32, k1, s2, nobias)) >> relu
>> flatten >> dropout(0.5) >> dense(50) >> relu >> dropout(0.5) >> dense(10) }

#[test]
fn saitoh_deep_networks_learn_digits() {
    let (train, test) = shapewright::data::digits();
    let mut model = Model::new(Deep, 1);
    let trainer = Trainer::new(Adam::new(2e-3)).epochs(6).batch_size(48).seed(1);
    let report = trainer.fit(&mut model, &train, &test).expect("a finite loss");
    let accuracy = report.last().expect("6 epochs").accuracy;
    assert!(accuracy > 0.93, "{accuracy}");
}

net! { SimpleConvNet: Image<1, 28, 28> => Vector<10> =
conv(1=>30, k5) >> relu >> pool2 >> flatten >> dense(4320=>100) >> relu >> dense(10) }
const _: () = assert!(SimpleConvNet::PARAMS == 433_890);

#[test]
fn saitoh_simple_conv_net_comes_back_from_its_file() {
    let model = Model::new(SimpleConvNet, 3);
    assert_eq!(model.param("4.weight").unwrap().dims, [100, 30 * 12 * 12]);
    let images = Batch::<_, f64>::from_fn(8, |sample, index| scattered(sample as f64, index)).cast::<f32>();
    let mut loaded = Model::new(SimpleConvNet, 4);
    assert_ne!(loaded.forward(&images), model.forward(&images));
    loaded.load_safetensors(&model.to_safetensors().unwrap()).unwrap();
    assert_eq!(loaded.forward(&images), model.forward(&images));
}
