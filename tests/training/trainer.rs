//! Training as a whole: repeatable, resumable, and told of honestly.

use core::cell::RefCell;
use core::ops::ControlFlow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use shapewright::augment::{Augment, HorizontalFlip, Mixup, RandomCrop};
use shapewright::layer::{Backward, Forward};
use shapewright::optim::{Lion, Optimizer};
use shapewright::prelude::*;
use shapewright::train::{
    Callback, Constant, Cosine, Csv, Epoch, Exponential, Keep, Moment, MultiStep, OneCycle, Patience, Plan,
    ReduceOnPlateau, Report, Schedule, Step, StepDecay, Stopped, TensorBoard, Warmup,
};
use shapewright::{Element, Error, Layer, Origin, Shape};

net! { Small: Image<1, 6, 6> => Vector<3> =
conv(1=>4, k3) >> batchnorm >> relu >> dropout(0.2) >> flatten >> dense(8) >> relu >> dense(3) }

type Data = Dataset<Image<1, 6, 6>, 3>;

/// Samples of three classes: bright above, bright below, neither.
fn data(samples: usize) -> Data {
    let noise = |seed: usize| ((seed * 7919 + 13) % 1009) as f32 / 1009.0;
    let bright = |sample, index| [index < 18, index >= 18, false][sample % 3];
    let inputs = Batch::from_fn(samples, |sample, index| {
        noise(sample * 36 + index) + if bright(sample, index) { 0.6 } else { 0.0 }
    });
    Dataset::new(inputs, Labels::new(&(0..samples).map(|sample| sample % 3).collect::<Vec<_>>()).unwrap()).unwrap()
}

/// A training with everything in it.
fn trainer<'a>() -> Trainer<'a, AdamW> {
    Trainer::new(AdamW::new(0.01))
        .epochs(5)
        .batch_size(8)
        .accumulate(2)
        .seed(3)
        .schedule(Cosine::with_warmup(4))
        .clip_norm(1.0)
        .average_weights(0.9)
}

fn bits(model: &Model<Small>) -> Vec<u32> {
    let statistics = model.statistics().flat_map(|statistic| statistic.values);
    model.parameters().iter().chain(statistics).map(|value| value.to_bits()).collect()
}

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("shapewright-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The bits of a training that nothing interrupts.
fn uninterrupted() -> Vec<u32> {
    let mut model = Model::new(Small, 1);
    trainer().fit(&mut model, &data(75), &data(30)).unwrap();
    bits(&model)
}

#[test]
fn an_optimizer_may_be_lent() {
    let (data, mut optimizer) = (data(24), AdamW::new(0.01));
    let [mut given, mut lent] = [1, 1].map(|seed| Model::new(Small, seed));
    Trainer::new(optimizer.clone()).fit(&mut given, &data, &data).unwrap();
    Trainer::new(&mut optimizer).fit(&mut lent, &data, &data).unwrap();
    assert_eq!(bits(&given), bits(&lent));
}

#[test]
fn it_learns() {
    let mut model = Model::new(Small, 1);
    let report = Trainer::new(Adam::new(0.01)).epochs(20).fit(&mut model, &data(150), &data(60)).unwrap();
    assert_eq!(report.stopped, Stopped::Finished);
    assert_eq!(report.epochs.iter().map(|epoch| epoch.number).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    assert!(report.last().unwrap().accuracy > 0.9, "{}", report.last().unwrap());
    assert!(report.best().unwrap().held_out_loss <= report.last().unwrap().held_out_loss);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let expected = uninterrupted();
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(uninterrupted) == expected, "{threads} threads");
    }
}

/// Ends a training at a step, as a crash would.
struct Crash {
    epoch: usize,
    step: usize,
}

impl Callback for Crash {
    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        let here = (step.epoch, step.step) == (self.epoch, self.step);
        Ok(if here { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

#[test]
fn a_resumed_training_ends_in_the_same_bits() {
    let folder = Folder::new("resumed");
    for (epoch, step) in [(1, 2), (2, 1), (4, 5), (5, 1)] {
        let mut model = Model::new(Small, 1);
        let trainer = trainer().checkpoint(&folder.0, Keep::BestAndLast(2)).resume().callback(Crash { epoch, step });
        let report = trainer.fit(&mut model, &data(75), &data(30)).unwrap();
        assert_eq!((report.stopped, report.epochs.len()), (Stopped::Asked, epoch - 1));
    }
    let mut model = Model::new(Small, 99); // its own weights and seed are replaced
    let trainer = trainer().checkpoint(&folder.0, Keep::BestAndLast(2)).resume();
    let report = trainer.fit(&mut model, &data(75), &data(30)).unwrap();
    assert_eq!((report.stopped, report.epochs.len()), (Stopped::Finished, 5));
    assert!(bits(&model) == uninterrupted());
    assert_eq!(folder.files(), ["best.safetensors", "epoch-0004.checkpoint", "epoch-0005.checkpoint"]);

    let mut best = Model::new(Small, 5);
    best.load(folder.0.join("best.safetensors")).unwrap();
    let evaluation = shapewright::train::evaluate(&best, &data(30), &CrossEntropy);
    assert_eq!(evaluation.loss, report.best().unwrap().held_out_loss);
}

/// Writes down from which epoch a training begins.
struct Begun(PathBuf);

impl Callback for Begun {
    fn start(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        std::fs::write(&self.0, plan.history.len().to_string())
            .map_err(|source| Error::Io { path: self.0.clone(), source })
    }
}

/// Trains in the folder that the variable names, and writes the bits to a file there: the process that is killed.
#[test]
#[ignore = "run by those that kill it"]
fn child() {
    let Some(folder) = std::env::var_os("SHAPEWRIGHT_TEST_FOLDER").map(PathBuf::from) else { return };
    let mut model = Model::new(Small, 1);
    let trainer = trainer().epochs(EPOCHS).augment(RandomCrop::padded(1).then(HorizontalFlip)).prefetch(2);
    let trainer = trainer.checkpoint(&folder, Keep::Last(1)).resume().callback(Begun(folder.join("begun")));
    trainer.fit(&mut model, &data(75), &data(30)).unwrap();
    let bits: Vec<u8> = bits(&model).iter().flat_map(|bits| bits.to_le_bytes()).collect();
    std::fs::write(folder.join("bits"), bits).unwrap();
}

/// Epochs of the training that is killed: more than it is killed times.
const EPOCHS: usize = 300;

/// The last epoch of which there is a checkpoint in the folder, from 1.
fn last_epoch(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let number = |name: String| name.strip_prefix("epoch-")?.strip_suffix(".checkpoint")?.parse().ok();
    names.filter_map(number).max().unwrap_or(0)
}

/// Kills a training so many times at moments that look random, every other time when it has got ahead, resumes it each time, and
/// gives how many of them found it running and how many of them found it resumed and ahead.
fn killed(times: u32, folder: &Path) -> (u32, u32) {
    let spawn = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "trainer::child", "--ignored"]).env("SHAPEWRIGHT_TEST_FOLDER", folder);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let begun = folder.join("begun");
    let (mut running, mut resumed) = (0, 0);
    for time in 0..times {
        let before = last_epoch(folder);
        let _ = std::fs::remove_file(&begun);
        let mut child = spawn();
        while time % 2 == 1 && last_epoch(folder) == before && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(Duration::from_micros(u64::from(time) * 7919 % 23_000));
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        running += u32::from(was_running);
        if let Ok(begun) = std::fs::read_to_string(&begun)
            && !begun.is_empty()
        {
            assert_eq!(begun, before.to_string(), "it goes on from the last checkpoint");
            resumed += u32::from(was_running && before > 0 && last_epoch(folder) > before);
        }
        if folder.join("bits").exists() {
            // it was over before the blow: once more from the start
            std::fs::remove_dir_all(folder).unwrap();
            std::fs::create_dir_all(folder).unwrap();
        }
    }
    let before = last_epoch(folder);
    assert!(spawn().wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(&begun).unwrap(), before.to_string());
    (running, resumed)
}

fn check_killed(times: u32) {
    let (plain, killed_folder) = (Folder::new("plain"), Folder::new("killed"));
    killed(0, &plain.0);
    let (running, resumed) = killed(times, &killed_folder.0);
    println!("{running} of {times} found it running, {resumed} resumed and ahead");
    assert!(running * 2 > times, "only {running} of {times} found it running");
    assert!(resumed * 4 > times, "only {resumed} of {times} found it resumed and ahead");
    assert!(std::fs::read(plain.0.join("bits")).unwrap() == std::fs::read(killed_folder.0.join("bits")).unwrap());
    assert_eq!(killed_folder.files(), ["begun", "bits", &format!("epoch-{EPOCHS:04}.checkpoint")]);
}

#[test]
fn a_training_that_is_killed_twenty_times_ends_in_the_same_bits() {
    check_killed(20);
}

#[test]
#[ignore = "a minute"]
fn a_training_that_is_killed_two_hundred_times_ends_in_the_same_bits() {
    check_killed(200);
}

/// Why a training in this folder is not resumed.
fn refused<N, E, O>(folder: &Folder, trainer: Trainer<O>, model: &mut Model<N, E>, samples: usize) -> String
where
    N: shapewright::Network<Input = Image<1, 6, 6>, Output = Vector<3>>,
    E: Element,
    O: Optimizer<E>,
{
    let trainer = trainer.checkpoint(&folder.0, Keep::Last(1)).resume();
    trainer.fit(model, &data(samples).cast::<E>(), &data(30).cast()).unwrap_err().to_string()
}

/// A training as [`trainer`]'s by another optimizer, without an average of weights.
fn by<'a, O>(optimizer: O) -> Trainer<'a, O> {
    Trainer::new(optimizer).batch_size(8).accumulate(2).seed(3)
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let folder = Folder::new("refused");
    let mut model = Model::new(Small, 1);
    trainer().checkpoint(&folder.0, Keep::Last(1)).fit(&mut model, &data(75), &data(30)).unwrap();
    let before = bits(&model);
    let path = folder.0.join("epoch-0005.checkpoint");
    let name = path.display();
    let other = |trainer, model: &mut Model<Small>| refused(&folder, trainer, model, 75);
    let lion = by(Lion::new(0.01)).average_weights(0.9);
    let double = by(AdamW::<f64>::new(0.01)).average_weights(0.9);
    let differences = [
        ("batch_size is 8, but here it is 16", other(trainer().batch_size(16), &mut model)),
        ("accumulate is 2, but here it is 1", other(trainer().accumulate(1), &mut model)),
        ("seed is 3, but here it is 4", other(trainer().seed(4), &mut model)),
        ("average_weights is 0.9, but here it is none", other(by(AdamW::new(0.01)), &mut model)),
        ("samples is 75, but here it is 74", refused(&folder, trainer(), &mut model, 74)),
        ("optimizer is AdamW, but here it is Lion", refused(&folder, lion, &mut model, 75)),
        ("element type is f32, but here it is f64", refused(&folder, double, &mut model.cast::<f64>(), 75)),
    ];
    for (difference, said) in differences {
        assert_eq!(said, format!("{name}: the checkpoint is of another training: its {difference}"));
    }
    let said = refused(&folder, trainer(), &mut Model::new(Plain, 1), 75);
    assert!(said.starts_with(&format!("{name}: the checkpoint is of another training: its network is ")), "{said}");

    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let said = other(trainer(), &mut model);
        assert!(said.starts_with(&format!("{name}: malformed file: ")), "{length}");
    }
    std::fs::write(&path, &bytes).unwrap();
    let another = folder.0.join("epoch-0006.checkpoint");
    std::fs::rename(&path, &another).unwrap();
    let said = other(trainer(), &mut model);
    assert_eq!(said, format!("{}: malformed file: `history` must be 384 bytes, but is 320", another.display()));
    assert!(bits(&model) == before);
}

/// What a file of tensors holds, changed by `change`, which is given the metadata and the bytes of each tensor.
fn tampered(
    bytes: &[u8],
    change: impl FnOnce(&mut HashMap<String, String>, &mut BTreeMap<String, Vec<u8>>),
) -> Vec<u8> {
    let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
    let mut metadata = header.metadata().clone().unwrap();
    let file = SafeTensors::deserialize(bytes).unwrap();
    let mut tensors: BTreeMap<String, Vec<u8>> =
        file.tensors().into_iter().map(|(name, view)| (name, view.data().to_vec())).collect();
    change(&mut metadata, &mut tensors);
    let views =
        tensors.iter().map(|(name, bytes)| (name, TensorView::new(Dtype::U8, vec![bytes.len()], bytes).unwrap()));
    safetensors::serialize(views, Some(metadata)).unwrap()
}

#[test]
fn a_checkpoint_that_has_been_tampered_with_is_refused_with_a_reason() {
    let folder = Folder::new("tampered");
    let trainer = || trainer().checkpoint(&folder.0, Keep::Last(1)).resume();
    let mut model = Model::new(Small, 1);
    trainer().epochs(2).fit(&mut model, &data(75), &data(30)).unwrap();
    let before = bits(&model);
    let path = folder.0.join("epoch-0002.checkpoint");
    let bytes = std::fs::read(&path).unwrap();
    let mut refused = |reason: &str, bytes: Vec<u8>| {
        std::fs::write(&path, bytes).unwrap();
        let said = trainer().fit(&mut model, &data(75), &data(30)).unwrap_err().to_string();
        assert_eq!(said, format!("{}: malformed file: {reason}", path.display()));
        assert!(bits(&model) == before);
    };
    let params = Small::PARAMS;
    refused(
        "`history` must be 128 bytes, but is 129",
        tampered(&bytes, |_, tensors| tensors.get_mut("history").unwrap().push(0)),
    );
    refused(
        "epoch 2 of its history says that it is epoch 7",
        tampered(&bytes, |_, tensors| {
            tensors.get_mut("history").unwrap()[64..72].copy_from_slice(&7_f64.to_le_bytes());
        }),
    );
    refused(
        &format!("`moments.1` must be {} bytes, but is {}", 4 * params, 4 * params - 1),
        tampered(&bytes, |_, tensors| tensors.get_mut("moments.1").unwrap().truncate(4 * params - 1)),
    );
    refused("there is no `moments.1`", tampered(&bytes, |_, tensors| drop(tensors.remove("moments.1"))));
    refused("there is no `model`", tampered(&bytes, |_, tensors| drop(tensors.remove("model"))));
    refused(
        &format!("`average` must be {} bytes, but is 0", 4 * params),
        tampered(&bytes, |_, tensors| tensors.get_mut("average").unwrap().clear()),
    );
    refused("it does not say its seed", tampered(&bytes, |metadata, _| drop(metadata.remove("seed"))));
    refused(
        "its noise_steps is not a whole number",
        tampered(&bytes, |metadata, _| drop(metadata.insert("noise_steps".into(), "-1".into()))),
    );
}

#[test]
fn a_training_that_begins_anew_leaves_the_checkpoints_of_another_alone() {
    let folder = Folder::new("anew");
    let trainer = |epochs| trainer().epochs(epochs).checkpoint(&folder.0, Keep::Last(1));
    trainer(3).fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap();
    let bytes = std::fs::read(folder.0.join("epoch-0003.checkpoint")).unwrap();
    let error = trainer(2).fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap_err();
    assert!(matches!(&error, Error::Checkpoints { folder: named, epoch: 3 } if *named == folder.0));
    assert_eq!(
        error.to_string(),
        format!(
            "{} has a checkpoint of epoch 3: go on from it by `.resume()`, or choose another folder",
            folder.0.display()
        )
    );
    assert_eq!(folder.files(), ["epoch-0003.checkpoint"]);
    assert!(std::fs::read(folder.0.join("epoch-0003.checkpoint")).unwrap() == bytes);
}

#[test]
fn whether_resume_or_checkpoint_comes_first_is_all_the_same() {
    let folder = Folder::new("order");
    let mut starts = Vec::new();
    for epochs in [2, 3] {
        let trainer = trainer().epochs(epochs).resume().checkpoint(&folder.0, Keep::Last(1));
        trainer.callback(Begun(folder.0.join("begun"))).fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap();
        starts.push(std::fs::read_to_string(folder.0.join("begun")).unwrap());
    }
    assert_eq!(starts, ["0", "2"]);
    let error = trainer().resume().fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap_err();
    assert!(matches!(error, Error::NoFolder), "{error}");
}

#[test]
fn what_a_killed_training_had_begun_to_write_is_removed() {
    let folder = Folder::new("swept");
    std::fs::write(folder.0.join(".shapewright-0123456789abcdef"), "half").unwrap();
    let trainer = trainer().epochs(1).checkpoint(&folder.0, Keep::Last(1)).resume();
    trainer.fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap();
    assert_eq!(folder.files(), ["epoch-0001.checkpoint"]);
}

#[test]
fn what_is_not_finite_stops_with_its_place_and_leaves_the_parameters() {
    let mut inputs = data(24).inputs().clone();
    inputs.as_mut_slice()[36 * 20 + 5] = f32::NAN;
    let poisoned = Data::new(inputs, data(24).labels().clone()).unwrap();
    let mut model = Model::new(Small, 1);
    let error = Trainer::new(Sgd::new(0.1)).batch_size(24).fit(&mut model, &poisoned, &data(3)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 1 of epoch 1: the loss is NaN; sample 11 of the batch is not finite itself; the parameters are left as before \
         the step; a smaller learning rate may help"
    );
    assert!(bits(&model) == bits(&Model::new(Small, 1)));

    let refused =
        |trainer: Trainer<Sgd>| trainer.fit(&mut Model::new(Small, 1), &data(9), &data(3)).unwrap_err().to_string();
    let sgd = || Trainer::new(Sgd::new(0.1));
    assert_eq!(refused(sgd().batch_size(0)), "batch_size is 0, but must be at least 1");
    assert_eq!(refused(sgd().accumulate(0)), "accumulate is 0, but must be at least 1");
    assert_eq!(refused(sgd().clip_norm(-1.0)), "clip_norm is -1, but must be above 0");
    assert_eq!(refused(sgd().average_weights(1.0)), "average_weights is 1, but must be at least 0 and below 1");
    let error = sgd().fit(&mut Model::new(Small, 1), &data(0), &data(3)).unwrap_err();
    assert!(matches!(error, Error::EmptyBatch), "{error}");
}

#[test]
fn patience_ends_a_training() {
    let mut model = Model::new(Small, 1);
    let trainer = Trainer::new(Sgd::new(0.0)).epochs(10).early_stopping(Patience(3));
    let mut steady = Model::new(net!(Image<1, 6, 6> => flatten >> dense(3)), 0);
    let report = trainer.fit(&mut steady, &data(30), &data(30)).unwrap();
    assert_eq!((report.stopped, report.epochs.len()), (Stopped::Early, 4)); // the first is the best, three do not better it
    let trainer = Trainer::new(Adam::new(0.01)).epochs(4).early_stopping(Patience(3));
    assert_eq!(trainer.fit(&mut model, &data(60), &data(30)).unwrap().stopped, Stopped::Finished);
    for (patience, epochs) in [(0, 2), (1, 2), (2, 3)] {
        let trainer = Trainer::new(Sgd::new(0.0)).epochs(10).early_stopping(Patience(patience));
        assert_eq!(trainer.fit(&mut steady, &data(30), &data(30)).unwrap().epochs.len(), epochs);
    }
    let improving = Trainer::new(Sgd::new(0.01)).epochs(4).early_stopping(Patience(0));
    assert_eq!(improving.fit(&mut steady, &data(30), &data(30)).unwrap().stopped, Stopped::Finished);
    let error =
        Trainer::new(Sgd::new(0.1)).early_stopping(Patience(3)).fit(&mut model, &data(30), &data(0)).unwrap_err();
    assert_eq!(error.to_string(), "the number of held-out samples is 0, but must be at least 1 for early stopping");
}

#[test]
fn accumulated_batches_are_one_large_batch() {
    net! { Plain: Image<1, 6, 6> => Vector<3> = conv(1=>4, k3) >> tanh >> flatten >> dense(3) }
    let trained = |batch_size, accumulate| {
        let mut model = Model::new(Plain, 1).cast::<f64>();
        let inputs = data(50).inputs().as_slice().iter().map(|&value| f64::from(value)).collect();
        let data = Dataset::new(Batch::from_vec(50, inputs).unwrap(), data(50).labels().clone()).unwrap();
        let trainer = Trainer::new(Sgd::new(0.1)).epochs(2).batch_size(batch_size).accumulate(accumulate);
        trainer.fit(&mut model, &data, &data).unwrap();
        model.parameters().to_vec()
    };
    for (one, many) in trained(20, 1).into_iter().zip(trained(8, 1)) {
        assert!((one - many).abs() < 1.0);
    }
    for (one, many) in trained(20, 1).into_iter().zip(trained(5, 4)) {
        assert!((one - many).abs() < 1e-12, "{one} {many}");
    }
}

#[test]
fn augmented_pictures_are_the_same_however_far_ahead_they_are_read() {
    let trained = |ahead, augmented| {
        let mut model = Model::new(Small, 1);
        let trainer = trainer().prefetch(ahead);
        if augmented {
            let trainer = trainer.augment(RandomCrop::padded(1).then(HorizontalFlip));
            trainer.fit(&mut model, &data(75), &data(30)).unwrap();
        } else {
            trainer.fit(&mut model, &data(75), &data(30)).unwrap();
        }
        bits(&model)
    };
    assert!(trained(0, true) != trained(0, false));
    assert!(trained(0, true) == trained(3, true));
    assert!(trained(0, false) == trained(1, false));
}

/// A training on labels that are mixed: other targets in training than in evaluation.
#[test]
fn mixed_samples_are_learned() {
    let mut model = Model::new(Small, 1);
    let train = data(150);
    let trainer = Trainer::new(Adam::new(0.01)).epochs(15);
    let report = trainer.fit(&mut model, &Mixup::alpha(0.2).of(&train, 7), &data(60)).unwrap();
    assert!(report.last().unwrap().accuracy > 0.9, "{}", report.last().unwrap());
}

#[test]
fn a_long_gradient_is_shortened() {
    let moved = |norm: f64| {
        let mut model = Model::new(net!(Image<1, 6, 6> => flatten >> dense(3)), 0);
        let before = model.parameters().to_vec();
        let mut norms = Vec::new();
        let trainer = Trainer::new(Sgd::new(1.0)).batch_size(30).clip_norm(norm);
        trainer.callback(Norms(&mut norms)).fit(&mut model, &data(30), &data(3)).unwrap();
        let squares = model.parameters().iter().zip(&before).map(|(now, before)| f64::from(now - before).powi(2));
        (squares.sum::<f64>().sqrt(), norms[0])
    };
    let (free, norm) = moved(1e9);
    assert!((free - norm).abs() < 1e-5 && norm > 0.2, "{free} {norm}");
    let (clipped, same) = moved(0.1);
    assert!((clipped - 0.1).abs() < 1e-5 && norm == same, "{clipped}");
}

#[test]
fn frozen_parameters_do_not_count_in_the_length_of_a_gradient() {
    let step = |frozen: bool| {
        let mut model = Model::new(Plain, 1);
        let (_, gradients) = model.gradients(data(30).inputs(), data(30).labels(), &CrossEntropy).unwrap();
        let counts = |name: &str| !frozen || !name.starts_with("fc1.");
        let squares = gradients.params().filter(|gradient| counts(gradient.name)).flat_map(|gradient| gradient.values);
        let expected = squares.map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        if frozen {
            model.freeze("fc1").unwrap();
        }
        let (before, mut norms) = (model.parameters().to_vec(), Vec::new());
        let trainer = Trainer::new(Sgd::new(1.0)).batch_size(30).clip_norm(0.1).callback(Norms(&mut norms));
        trainer.fit(&mut model, &data(30), &data(3)).unwrap();
        let moved = model.parameters().iter().zip(&before).map(|(now, before)| f64::from(now - before).powi(2));
        (expected, norms[0], moved.sum::<f64>().sqrt())
    };
    let (all, not_frozen) = (step(false), step(true));
    assert!(all.0 > not_frozen.0 + 0.01 && not_frozen.0 > 0.1, "{all:?} {not_frozen:?}");
    for (expected, norm, moved) in [all, not_frozen] {
        // The samples of a step are in another order.
        assert!((expected - norm).abs() < 1e-5 && (moved - 0.1).abs() < 1e-5, "{expected} {norm} {moved}");
    }
}

#[test]
fn averages_are_those_of_the_formula() {
    let train = |epochs, average: Option<f64>| {
        let mut model = Model::new(Plain, 1);
        let mut seen = Vec::new();
        let trainer = Trainer::new(Sgd::new(0.5)).epochs(epochs).batch_size(30);
        let trainer = if let Some(decay) = average { trainer.average_weights(decay) } else { trainer };
        let look = |_: &Epoch, model: &Model<Plain>| {
            seen.push(model.parameters().to_vec());
            Ok(ControlFlow::Continue(()))
        };
        trainer.each_epoch(look).fit(&mut model, &data(30), &data(9)).unwrap();
        (seen, model.parameters().to_vec())
    };
    let (weights, _) = train(4, None); // an epoch is a step
    let (averages, last) = train(4, Some(0.75));
    let mut expected: Vec<f64> = Model::new(Plain, 1).parameters().iter().copied().map(f64::from).collect();
    for (weights, average) in weights.iter().zip(&averages) {
        for (expected, &weight) in expected.iter_mut().zip(weights) {
            *expected = 0.75 * *expected + 0.25 * f64::from(weight);
        }
        assert!(expected.iter().zip(average).all(|(expected, &average)| (expected - f64::from(average)).abs() < 1e-6));
        assert!(weights.iter().zip(average).any(|(weight, average)| (weight - average).abs() > 1e-3));
    }
    assert_eq!(averages[3], last);
}

#[test]
fn the_loss_and_the_accuracy_of_an_epoch_are_means_over_samples() {
    let data = data(19);
    for (batch_size, accumulate) in [(8, 1), (8, 2), (3, 3)] {
        let mut steps = Vec::new();
        let mut model = Model::new(Plain, 1);
        Trainer::new(Adam::new(0.01)).epochs(3).fit(&mut model, &data, &data).unwrap();
        let trainer = Trainer::new(Sgd::new(0.0)).batch_size(batch_size).accumulate(accumulate);
        let report = trainer.callback(Steps(&mut steps)).fit(&mut model, &data, &data).unwrap();
        let epoch = report.epochs[0];
        assert!((epoch.loss - epoch.held_out_loss).abs() < 1e-6, "{epoch:?}");
        assert!((epoch.training_accuracy - epoch.accuracy).abs() < 1e-12, "{epoch:?}");
        assert!(epoch.accuracy > 0.3 && epoch.accuracy < 1.0, "{epoch:?}");
        let mean = |of: fn(&Step) -> f64| steps.iter().map(of).sum::<f64>() / steps.len() as f64;
        assert!((mean(|step| step.loss) - epoch.loss).abs() > 1e-4, "weights matter");
        assert!((mean(|step| step.accuracy) - epoch.accuracy).abs() > 1e-4, "weights matter");
        assert_eq!(steps.iter().map(|step| step.samples).sum::<usize>(), 19);
    }
}

/// Labels that do not count are neither right nor wrong, and where there are no classes nothing is.
#[test]
fn training_accuracy_counts_what_the_loss_counts() {
    let data = data(30);
    let accuracy = |loss| {
        let trainer = Trainer::new(Sgd::new(0.0)).batch_size(8).loss(loss);
        trainer.fit(&mut Model::new(Plain, 1), &data, &data).unwrap().epochs[0].training_accuracy
    };
    let answers = shapewright::train::evaluate(&Model::new(Plain, 1), &data, &CrossEntropy).confusion();
    let counted = |class: usize| (answers[class][class], answers[class].iter().sum::<usize>());
    let (right, of): (Vec<usize>, Vec<usize>) = (0..3).map(counted).unzip();
    let share = |classes: core::ops::Range<usize>| {
        right[classes.clone()].iter().sum::<usize>() as f64 / of[classes].iter().sum::<usize>() as f64
    };
    assert_eq!(accuracy(CrossEntropy), share(0..3));
    assert_eq!(accuracy(CrossEntropy::new().ignore_index(2)), share(0..2));
    assert_eq!(accuracy(CrossEntropy::new().ignore_index(0).label_smoothing(0.1)), share(1..3));
    assert!(share(0..3) != share(0..2) && share(0..3) != share(1..3), "{right:?}");

    let soft = Mixup::alpha(0.2).of(&data, 7);
    let trainer = Trainer::new(Adam::new(0.01)).epochs(60);
    let report = trainer.fit(&mut Model::new(Plain, 1), &soft, &data).unwrap();
    assert!(report.last().unwrap().training_accuracy > 0.8, "{:?}", report.last());
    assert!(report.epochs[0].to_string().contains("  training accuracy "));
}

struct Steps<'a>(&'a mut Vec<Step>);

impl Callback for Steps<'_> {
    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        self.0.push(*step);
        Ok(ControlFlow::Continue(()))
    }
}

/// The chain of which the documentation speaks, with everything in it.
#[test]
#[rustfmt::skip]
fn everything_can_be_asked_for_at_once() -> Result<(), Error> {
    let folder = Folder::new("chain");
    let (run, tb, log) = (folder.0.join("run"), folder.0.join("run/tb"), folder.0.join("run/log.csv"));
    let (mut model, train, valid) = (Model::new(Small, 1), data(75), data(30));
    let report = Trainer::new(AdamW::new(1e-3).weight_decay(1e-4).decay_weights_only())
        .epochs(20).batch_size(64).seed(1)
        .schedule(Cosine::with_warmup(200))
        .loss(CrossEntropy::new().label_smoothing(0.1)).clip_norm(1.0)
        .augment(RandomCrop::padded(4).then(HorizontalFlip))
        .early_stopping(Patience(3)).checkpoint(&run, Keep::BestAndLast(2)).log(TensorBoard::new(tb)).log(Csv::new(&log))
        .progress()
        .fit(&mut model, &train, &valid)?;
    let lines = std::fs::read_to_string(log).unwrap().lines().count();
    assert_eq!(lines, report.epochs.len() + 1);
    let last = format!("epoch-{:04}.checkpoint", report.epochs.len());
    assert!(run.join(last).exists() && run.join("best.safetensors").exists() && run.join("tb").exists());
    Ok(())
}

struct Norms<'a>(&'a mut Vec<f64>);

impl Callback for Norms<'_> {
    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        self.0.push(step.gradient_norm);
        Ok(ControlFlow::Continue(()))
    }
}

/// Writes down what it is told.
struct Diary<'a>(&'a RefCell<Vec<String>>);

impl Callback for Diary<'_> {
    fn start(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        let Plan { epochs, steps, samples, history } = plan;
        self.0.borrow_mut().push(format!("start {epochs} {steps} {samples} {}", history.len()));
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<ControlFlow<()>, Error> {
        let Step { epoch, step, samples, learning_rate, .. } = step;
        self.0.borrow_mut().push(format!("step {epoch} {step} {samples} {learning_rate}"));
        Ok(ControlFlow::Continue(()))
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<ControlFlow<()>, Error> {
        self.0.borrow_mut().push(format!("epoch {} {}", epoch.number, epoch.learning_rate));
        Ok(if epoch.number == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn end(&mut self, report: &Report) -> Result<(), Error> {
        self.0.borrow_mut().push(format!("end {:?}", report.stopped));
        Ok(())
    }
}

#[test]
fn callbacks_are_told_of_every_moment() {
    let diary = RefCell::new(Vec::new());
    let trainer = Trainer::new(Sgd::new(0.5)).epochs(3).batch_size(8).schedule(StepDecay { epochs: 1, factor: 0.5 });
    trainer.callback(Diary(&diary)).fit(&mut Model::new(Small, 1), &data(18), &data(3)).unwrap();
    assert_eq!(
        diary.into_inner(),
        [
            "start 3 3 18 0",
            "step 1 1 8 0.5",
            "step 1 2 8 0.5",
            "step 1 3 2 0.5",
            "epoch 1 0.5",
            "step 2 1 8 0.25",
            "step 2 2 8 0.25",
            "step 2 3 2 0.25",
            "epoch 2 0.25",
            "end Asked",
        ]
    );
}

#[test]
fn a_table_of_epochs_goes_on_where_the_checkpoint_stands() {
    let folder = Folder::new("table");
    let table = folder.0.join("logs/table.csv");
    for crash in [3, 99] {
        let trainer = trainer().checkpoint(folder.0.join("run"), Keep::Last(1)).resume();
        let trainer = trainer.log(Csv::new(&table)).callback(Crash { epoch: crash, step: 1 });
        trainer.fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap();
    }
    let text = std::fs::read_to_string(table).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "epoch,loss,training_accuracy,held_out_loss,accuracy,learning_rate,seconds");
    assert_eq!(lines[1..].iter().map(|line| &line[..2]).collect::<Vec<_>>(), ["1,", "2,", "3,", "4,", "5,"]);
    assert!(lines.iter().all(|line| line.split(',').count() == 7));
}

/// The factors of a schedule over 4 epochs of 5 steps with these held-out losses.
fn factors(schedule: &impl Schedule, losses: [f64; 4]) -> Vec<f64> {
    let epoch = |(number, &held_out_loss): (usize, &f64)| Epoch {
        number: number + 1,
        epochs: 4,
        loss: 0.0,
        training_accuracy: 0.0,
        held_out_loss,
        accuracy: 0.0,
        learning_rate: 0.0,
        duration: Duration::ZERO,
    };
    let history: Vec<Epoch> = losses.iter().enumerate().map(epoch).collect();
    let at = |step: usize| Moment { step: step as u64, steps: 20, history: &history[..step / 5] };
    (0..20).map(|step| schedule.factor(&at(step))).collect()
}

/// What PyTorch 2.15's schedulers give for a learning rate of 1: each line is made by
/// `[s.step() or o.param_groups[0]['lr'] for _ in range(20)]`, the first value being that before any step.
#[test]
fn schedules_are_those_of_pytorch() {
    let check = |name: &str, ours: &[f64], theirs: &[f64]| {
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-9, "{name}: {ours} {theirs}");
        }
    };
    let falling = [4.0, 3.0, 2.0, 1.0];
    let by_epoch = |values: [f64; 4]| values.iter().flat_map(|&value| [value; 5]).collect::<Vec<f64>>();
    check("constant", &factors(&Constant, falling), &[1.0; 20]);
    check("step", &factors(&StepDecay { epochs: 2, factor: 0.1 }, falling), &by_epoch([1.0, 1.0, 0.1, 0.1]));
    let milestones = MultiStep { milestones: vec![1, 3], factor: 0.5 };
    check("multi-step", &factors(&milestones, falling), &by_epoch([1.0, 0.5, 0.5, 0.25]));
    check("exponential", &factors(&Exponential(0.9), falling), &by_epoch([1.0, 0.9, 0.81, 0.729]));
    let plateau = ReduceOnPlateau { factor: 0.1, patience: 0 };
    check("plateau", &factors(&plateau, [2.0, 1.0, 1.0, 1.0]), &by_epoch([1.0, 1.0, 1.0, 0.1]));
    check("cosine", &factors(&Cosine, falling)[..], &COSINE);
    check("one cycle", &factors(&OneCycle, falling), &ONE_CYCLE);
    let warm = factors(&Warmup { steps: 4, then: Constant }, falling);
    check("warm-up", &warm[..6], &[0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
    check("a function", &factors(&|at: &Moment<'_>| at.step as f64, falling)[..3], &[0.0, 1.0, 2.0]);
}

#[rustfmt::skip]
const COSINE: [f64; 20] = [
    1.0, 0.993_844_170_297_568_9, 0.975_528_258_147_576_8, 0.945_503_262_094_183_9, 0.904_508_497_187_473_7,
    0.853_553_390_593_273_7, 0.793_892_626_146_236_6, 0.726_995_249_869_773_4, 0.654_508_497_187_473_7, 0.578_217_232_520_115_5,
    0.5, 0.421_782_767_479_884_7, 0.345_491_502_812_526_33, 0.273_004_750_130_226_6, 0.206_107_373_853_763_4,
    0.146_446_609_406_726_27, 0.095_491_502_812_526_33, 0.054_496_737_905_816_106, 0.024_471_741_852_423_234, 0.006_155_829_702_431_171,
];
#[rustfmt::skip]
const ONE_CYCLE: [f64; 20] = [
    0.04, 0.131_671_842_700_025_3, 0.371_671_842_700_025_3, 0.668_328_157_299_974_7, 0.908_328_157_299_974_7,
    1.0, 0.987_464_006_235_087_3, 0.950_484_632_013_473_7, 0.890_916_177_571_05, 0.811_745_653_949_763_1,
    0.716_943_001_791_300_8, 0.611_262_021_936_289_3, 0.500_002, 0.388_741_978_063_710_75, 0.283_060_998_208_699_23,
    0.188_258_346_050_236_97, 0.109_087_822_428_950_04, 0.049_519_367_986_526_286, 0.012_539_993_764_912_554, 4e-6,
];

/// y = x, with a derivative that is too large for numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Cliff;

impl<I: Shape> Layer<I> for Cliff {
    type Output = I;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        pass.y.copy_from_slice(pass.x);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let steep = E::from_f64(1e30);
        dx.iter_mut().zip(pass.dy).for_each(|(dx, &mut dy)| *dx = dy * steep * steep);
    }
}

net! {
    Plain: Image<1, 6, 6> => Vector<3> = conv1: conv(1=>4, k3) >> relu >> flatten >> fc1: dense(8) >> relu >> fc2: dense(3);
    Steep: Image<1, 6, 6> => Vector<3> = conv(1=>4, k3) >> relu >> cliff: Cliff >> flatten >> dense(3);
    Normed: Image<1, 6, 6> => Vector<3> =
        conv(1=>4, k3) >> batchnorm >> relu >> dropout(0.2) >> body: (conv(4, k1) >> relu >> cliff: Cliff) >> flatten >> dense(3)
}

/// What ends a training of one epoch of four steps.
fn stopped<N: shapewright::Network<Input = Image<1, 6, 6>, Output = Vector<3>>>(
    network: N,
    accumulate: usize,
) -> String {
    let mut model = Model::new(network, 1);
    let before = model.parameters().to_vec();
    let trainer = Trainer::new(Sgd::new(0.0)).batch_size(15).accumulate(accumulate);
    let error = trainer.fit(&mut model, &data(60), &data(3)).unwrap_err();
    assert_eq!(model.parameters(), before);
    error.to_string()
}

#[test]
fn an_infinite_gradient_is_found_at_its_stage() {
    let found = "on the way back the first gradient that is not finite is that of stage `cliff` (Cliff)";
    for accumulate in [1, 2] {
        let said = stopped(Steep, accumulate);
        assert!(said.starts_with("step 1 of epoch 1: the gradient of `0.weight` is "), "{said}");
        assert!(said.contains(found), "{said}");
    }
    let said = stopped(Normed, 1);
    assert!(
        said.contains("is that of stage `body.cliff` (Cliff); the parameters are left as before the step"),
        "{said}"
    );
}

#[test]
fn a_diverged_training_says_where_and_leaves_the_last_good_checkpoint() {
    let folder = Folder::new("diverged");
    let trainer = || Trainer::new(Sgd::new(0.1)).epochs(4).batch_size(15).checkpoint(&folder.0, Keep::Last(1)).resume();
    let explode = |at: &Moment<'_>| if at.step == 9 { 1e30 } else { 1.0 };
    let mut model = Model::new(Plain, 1);
    let error = trainer().schedule(explode).fit(&mut model, &data(60), &data(3)).unwrap_err();
    let Error::Step { epoch: 3, step: 3, source } = &error else { panic!("{error}") };
    let Error::NonFiniteLoss { origin: Some(Origin::Output { stage, kind, .. }), .. } = &**source else {
        panic!("{error}")
    };
    assert_eq!((stage.as_str(), kind.as_str()), ("fc2", "Dense"));
    assert_eq!(folder.files(), ["epoch-0002.checkpoint"]);

    let report = trainer().fit(&mut model, &data(60), &data(3)).unwrap();
    assert_eq!(report.epochs.len(), 4);
    let mut uninterrupted = Model::new(Plain, 1);
    Trainer::new(Sgd::new(0.1)).epochs(4).batch_size(15).fit(&mut uninterrupted, &data(60), &data(3)).unwrap();
    assert_eq!(model.parameters(), uninterrupted.parameters());
}

#[test]
fn an_epoch_whose_last_step_diverges_is_not_saved() {
    // Finite weights whose outputs are not, and weights that are not.
    for (name, factor) in [("huge", 1e37), ("infinite", 1e300)] {
        let folder = Folder::new(name);
        let train = |factor: f64, keep| {
            let explode = move |at: &Moment<'_>| if at.step == 11 { factor } else { 1.0 };
            let trainer = Trainer::new(Sgd::new(0.1)).epochs(4).batch_size(15).schedule(explode);
            let trainer = trainer.checkpoint(&folder.0, keep).resume();
            let mut model = Model::new(Plain, 1);
            let report = trainer.fit(&mut model, &data(60), &data(30));
            (model, report)
        };
        let (_, report) = train(factor, Keep::BestAndLast(1));
        let error = report.unwrap_err();
        let Error::Step { epoch: 3, step: 4, source } = &error else { panic!("{error}") };
        match (name, &**source) {
            ("huge", Error::NonFiniteHeldOutLoss { origin: Some(Origin::Output { stage, .. }), .. }) => {
                assert_eq!(stage, "fc1");
            }
            ("infinite", Error::NonFinite { name, .. }) => assert_eq!(name, "conv1.weight"),
            _ => panic!("{error}"),
        }
        assert_eq!(folder.files(), ["best.safetensors", "epoch-0002.checkpoint"]);

        let (model, report) = train(1.0, Keep::BestAndLast(1));
        assert_eq!(report.unwrap().epochs.len(), 4);
        let mut uninterrupted = Model::new(Plain, 1);
        Trainer::new(Sgd::new(0.1)).epochs(4).batch_size(15).fit(&mut uninterrupted, &data(60), &data(30)).unwrap();
        assert_eq!(model.parameters(), uninterrupted.parameters());
    }
}

#[test]
fn weights_that_are_not_finite_end_a_training_without_held_out_samples_too() {
    let explode = |at: &Moment<'_>| if at.step == 3 { 1e300 } else { 1.0 };
    for average in [None, Some(0.5)] {
        let trainer = Trainer::new(Sgd::new(0.1)).batch_size(15).schedule(explode);
        let trainer = if let Some(decay) = average { trainer.average_weights(decay) } else { trainer };
        let error = trainer.fit(&mut Model::new(Plain, 1), &data(60), &data(0)).unwrap_err();
        assert!(error.to_string().starts_with("step 4 of epoch 1: `conv1.weight` is "), "{error}");
    }
}

#[test]
fn what_is_not_a_number_is_never_the_best() {
    let epoch = |number, held_out_loss| Epoch {
        number,
        epochs: 3,
        loss: 0.0,
        training_accuracy: 0.0,
        held_out_loss,
        accuracy: 0.0,
        learning_rate: 0.0,
        duration: Duration::ZERO,
    };
    let best = |losses: [f64; 3]| {
        let epochs = (1..).zip(losses).map(|(number, loss)| epoch(number, loss)).collect();
        Report { epochs, stopped: Stopped::Finished }.best().unwrap().number
    };
    assert_eq!(best([2.0, -f64::NAN, 1.0]), 3);
    assert_eq!(best([f64::NAN, -f64::NAN, 1.0]), 3);
    assert_eq!(best([f64::NAN, -f64::NAN, f64::INFINITY]), 1);
}

/// A step that fails leaves running statistics as they were, also those of its parts that went well.
#[test]
fn a_failed_step_leaves_the_statistics() {
    let mut inputs = data(60).inputs().clone();
    let order = shapewright::data::order(60, 0, 1);
    inputs.as_mut_slice()[36 * order[25]] = f32::INFINITY; // in the second part of the first step
    let broken = Data::new(inputs, data(60).labels().clone()).unwrap();
    let mut model = Model::new(Small, 1);
    let trainer = Trainer::new(Sgd::new(0.1)).batch_size(15).accumulate(2);
    assert!(trainer.fit(&mut model, &broken, &data(3)).is_err());
    assert!(bits(&model) == bits(&Model::new(Small, 1)));

    let mut model = Model::new(Normed, 1);
    let before: Vec<f32> = model.statistics().flat_map(|statistic| statistic.values.to_vec()).collect();
    assert!(Trainer::new(Sgd::new(0.1)).batch_size(15).fit(&mut model, &data(60), &data(3)).is_err());
    assert_eq!(before, model.statistics().flat_map(|statistic| statistic.values.to_vec()).collect::<Vec<_>>());
}

#[test]
fn a_sample_that_is_not_finite_is_named() {
    let mut inputs = data(60).inputs().clone();
    inputs.as_mut_slice()[36 * 20 + 5] = f32::INFINITY;
    let broken = Data::new(inputs, data(60).labels().clone()).unwrap();
    let order = shapewright::data::order(60, 3, 1);
    let position = order.iter().position(|&sample| sample == 20).unwrap();
    for error in [
        Trainer::new(Sgd::new(0.1)).seed(3).fit(&mut Model::new(Plain, 1), &broken, &data(3)).unwrap_err(),
        Trainer::new(Sgd::new(0.1)).seed(3).fit(&mut Model::new(Small, 1), &broken, &data(3)).unwrap_err(),
    ] {
        let (step, sample) = (position / 32 + 1, position % 32);
        let expected =
            format!("step {step} of epoch 1: the loss is NaN; sample {sample} of the batch is not finite itself; ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

#[test]
fn a_look_at_the_model_sees_what_was_evaluated_and_may_end_the_training() {
    let (test, mut losses) = (data(30), Vec::new());
    let report = trainer()
        .each_epoch(|epoch: &Epoch, model: &Model<Small>| {
            losses.push(shapewright::train::evaluate(model, &test, &CrossEntropy).loss);
            Ok(if epoch.number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .fit(&mut Model::new(Small, 1), &data(75), &data(30))
        .unwrap();
    assert_eq!(report.stopped, Stopped::Asked);
    assert_eq!(report.epochs.iter().map(|epoch| epoch.held_out_loss).collect::<Vec<_>>(), losses);
    assert_eq!(losses.len(), 3);

    let failing = |_: &Epoch, _: &Model<Small>| Err(Error::EmptyBatch);
    let error = trainer().each_epoch(failing).fit(&mut Model::new(Small, 1), &data(75), &data(30)).unwrap_err();
    assert!(matches!(error, Error::EmptyBatch));
}
