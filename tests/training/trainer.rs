//! Training as a whole: repeatable, resumable, and told of honestly.

use core::cell::RefCell;
use core::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use shapewright::augment::{Augment, HorizontalFlip, Mixup, RandomCrop};
use shapewright::layer::{Backward, Forward};
use shapewright::prelude::*;
use shapewright::train::{
    Callback, Constant, Cosine, Csv, Epoch, Exponential, Keep, Moment, MultiStep, OneCycle, Patience, Plan,
    ReduceOnPlateau, Report, Schedule, Step, StepDecay, Stopped, Warmup,
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

/// Trains in the folder that the variable names, and writes the bits to a file there: the process that is killed.
#[test]
#[ignore = "run by those that kill it"]
fn child() {
    let Some(folder) = std::env::var_os("SHAPEWRIGHT_TEST_FOLDER").map(PathBuf::from) else { return };
    let mut model = Model::new(Small, 1);
    let trainer = trainer().epochs(40).checkpoint(&folder, Keep::Last(1)).resume();
    trainer.fit(&mut model, &data(75), &data(30)).unwrap();
    let bits: Vec<u8> = bits(&model).iter().flat_map(|bits| bits.to_le_bytes()).collect();
    std::fs::write(folder.join("bits"), bits).unwrap();
}

/// Kills a training so many times at moments that look random, resumes it each time, and compares how it ends.
fn killed(times: u32, folder: &Path) -> u32 {
    let spawn = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "trainer::child", "--ignored"]).env("SHAPEWRIGHT_TEST_FOLDER", folder);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut kills = 0;
    for time in 0..times {
        let mut child = spawn();
        std::thread::sleep(Duration::from_micros(2_000 + u64::from(time) * 7919 % 23_000));
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if folder.join("bits").exists() {
            // it was over before the blow: once more from the start
            std::fs::remove_dir_all(folder).unwrap();
            std::fs::create_dir_all(folder).unwrap();
        }
    }
    assert!(spawn().wait().unwrap().success());
    kills
}

fn check_killed(times: u32) {
    let (plain, killed_folder) = (Folder::new("plain"), Folder::new("killed"));
    killed(0, &plain.0);
    let kills = killed(times, &killed_folder.0);
    assert!(kills * 2 > times, "only {kills} of {times} found it running");
    assert!(std::fs::read(plain.0.join("bits")).unwrap() == std::fs::read(killed_folder.0.join("bits")).unwrap());
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

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let folder = Folder::new("refused");
    let mut model = Model::new(Small, 1);
    trainer().checkpoint(&folder.0, Keep::Last(1)).fit(&mut model, &data(75), &data(30)).unwrap();
    let before = bits(&model);
    let path = folder.0.join("epoch-0005.checkpoint");
    let resumed = |trainer: Trainer<AdamW>, model: &mut Model<Small>| {
        let trainer = trainer.checkpoint(&folder.0, Keep::Last(1)).resume();
        trainer.fit(model, &data(75), &data(30)).unwrap_err().to_string()
    };
    let name = path.display();
    assert_eq!(
        resumed(trainer().batch_size(16), &mut model),
        format!("{name}: the checkpoint is of another training: its batch_size is 8, but here it is 16")
    );
    assert_eq!(
        resumed(Trainer::new(AdamW::new(0.01)).batch_size(8).accumulate(2).seed(3), &mut model),
        format!("{name}: malformed file: a checkpoint of another network, optimizer or average")
    );
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(resumed(trainer(), &mut model).starts_with(&format!("{name}: malformed file: ")), "{length}");
    }
    assert!(bits(&model) == before);
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
    assert_eq!(lines[0], "epoch,loss,held_out_loss,accuracy,learning_rate,seconds");
    assert_eq!(lines[1..].iter().map(|line| &line[..2]).collect::<Vec<_>>(), ["1,", "2,", "3,", "4,", "5,"]);
    assert!(lines.iter().all(|line| line.split(',').count() == 6));
}

/// The factors of a schedule over 4 epochs of 5 steps with these held-out losses.
fn factors(schedule: &impl Schedule, losses: [f64; 4]) -> Vec<f64> {
    let epoch = |(number, &held_out_loss): (usize, &f64)| Epoch {
        number: number + 1,
        epochs: 4,
        loss: 0.0,
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
