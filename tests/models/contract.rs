//! What layers of one's own may ask for: whole batches, running statistics, random numbers.

use shapewright::layer::{Backward, Forward, Layer, Mode, Space};
use shapewright::prelude::*;
use shapewright::{Element, Init, Network, Parameter, Shape};

/// y = x − the mean of x over the batch; in evaluation, over the batches seen in training.
#[derive(Clone, Copy, Default)]
struct Centre;

impl<S: Shape> Layer<S> for Centre {
    type Output = S;

    const STATE: usize = S::LEN;
    const COUPLES: bool = true;
    const SCRATCH: Space = Space::fixed(S::LEN);

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let mean = match pass.run.mode {
            Mode::Evaluate => pass.state,
            Mode::Train => {
                assert!(pass.run.whole, "training runs on the whole batch");
                let mean = &mut pass.scratch[..S::LEN];
                mean_of(pass.x, pass.samples, mean);
                for ((next, &before), &mean) in pass.next_state.iter_mut().zip(pass.state).zip(&*mean) {
                    *next = before + E::from_f64(0.5) * (mean - before);
                }
                mean
            }
        };
        for (x, y) in pass.x.chunks_exact(S::LEN).zip(pass.y.chunks_exact_mut(S::LEN)) {
            y.iter_mut().zip(x).zip(mean).for_each(|((y, &x), &mean)| *y = x - mean);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        let mean = &mut pass.scratch[..S::LEN];
        mean_of(pass.dy, pass.samples, mean);
        for (dy, dx) in pass.dy.chunks_exact(S::LEN).zip(dx.chunks_exact_mut(S::LEN)) {
            dx.iter_mut().zip(dy).zip(&*mean).for_each(|((dx, &dy), &mean)| *dx = dy - mean);
        }
    }

    fn state(&self) -> Vec<Parameter> {
        vec![Parameter { name: "running_mean", dims: vec![S::LEN], init: Init::Zeros }]
    }
}

fn mean_of<E: Element>(values: &[E], samples: usize, mean: &mut [E]) {
    mean.fill(E::zero());
    for sample in values.chunks_exact(mean.len()) {
        mean.iter_mut().zip(sample).for_each(|(mean, &value)| *mean += value);
    }
    for mean in mean {
        *mean /= E::from_f64(samples as f64);
    }
}

/// y = x · noise in training, the same noise backward.
#[derive(Clone, Copy, Default)]
struct Shake;

impl Shake {
    fn shake<E: Element>(run: shapewright::layer::Run, length: usize, from: &[E], to: &mut [E]) {
        for (sample, (from, to)) in from.chunks_exact(length).zip(to.chunks_exact_mut(length)).enumerate() {
            let draws = run.noise.of_sample(sample);
            for (position, (to, &from)) in to.iter_mut().zip(from).enumerate() {
                let noise = match run.mode {
                    Mode::Train => 0.5 + f64::from(draws.bits(position)) / 2f64.powi(32),
                    Mode::Evaluate => 1.0,
                };
                *to = from * E::from_f64(noise);
            }
        }
    }
}

impl<S: Shape> Layer<S> for Shake {
    type Output = S;

    const DRAWS: usize = 1;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        Self::shake(pass.run, S::LEN, pass.x, pass.y);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        Self::shake(pass.run, S::LEN, pass.dy, dx);
    }
}

joins!(Centre);
joins!(Shake);

net! { Coupled: Image<2, 12, 12> => Vector<3> =
conv(4, k3) >> Centre >> relu >> pool2 >> Shake >> body: (conv(5, k3, pad1) >> Centre >> Shake >> relu)
>> repeat(2, conv(5, k3, pad1) >> Centre >> relu) >> flatten >> dense(20) >> relu >> dense(3) }

net! { Shaken: Image<2, 12, 12> => Vector<3> =
Shake >> conv(4, k3) >> relu >> pool2 >> Shake >> flatten >> dense(3) }

fn images(samples: usize) -> Batch<Image<2, 12, 12>> {
    Batch::from_fn(samples, |sample, index| ((sample * 31 + index * 17) % 23) as f32 / 23.0)
}

fn labels(samples: usize) -> Labels<3> {
    Labels::new(&(0..samples).map(|sample| sample * 7 % 3).collect::<Vec<_>>()).unwrap()
}

fn bits<N>(network: N, samples: usize, threads: usize) -> Vec<u32>
where
    N: Network<Input = Image<2, 12, 12>, Output = Vector<3>>,
{
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut model = Model::new(network, 3);
        for _ in 0..20 {
            model.step(&images(samples), &labels(samples), &CrossEntropy, &mut Sgd::new(0.05)).unwrap();
        }
        let state = model.statistics().flat_map(|statistic| statistic.values.iter().copied());
        model.parameters().iter().copied().chain(state).map(f32::to_bits).collect()
    })
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for samples in [1, 5, 37] {
        let alone = (bits(Coupled, samples, 1), bits(Shaken, samples, 1));
        for threads in [2, 4, 7] {
            assert_eq!(
                (bits(Coupled, samples, threads), bits(Shaken, samples, threads)),
                alone,
                "{samples}, {threads}"
            );
        }
    }
}

#[test]
fn gradients_agree_with_differences() {
    let mut model = Model::new(Coupled, 5).cast::<f64>();
    let x = Batch::from_fn(9, |sample, index| ((sample * 37 + index * 11) % 29) as f64 / 29.0);
    let (_, gradients) = model.gradients(&x, &labels(9), &CrossEntropy).unwrap();
    let analytic: Vec<f64> = gradients.params().flat_map(|param| param.values.iter().copied()).collect();
    for index in (0..analytic.len()).step_by(7) {
        let mut loss_at = |offset: f64| {
            model.parameters_mut()[index] += offset;
            let (loss, _) = model.gradients(&x, &labels(9), &CrossEntropy).unwrap();
            model.parameters_mut()[index] -= offset;
            loss
        };
        let numeric = (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6;
        assert!((analytic[index] - numeric).abs() < 1e-8, "parameter {index}: {} against {numeric}", analytic[index]);
    }
}

#[test]
fn statistics_follow_training_and_serve_evaluation() {
    let mut model = Model::new(Coupled, 5);
    let names: Vec<&str> = model.statistics().map(|statistic| statistic.name).collect();
    assert_eq!(names, ["1.running_mean", "body.1.running_mean", "6.0.1.running_mean", "6.1.1.running_mean"]);
    let before = model.forward(&images(2));
    assert_eq!(model.forward(&images(2)), before);
    assert!(model.statistic("1.running_mean").unwrap().values.iter().all(|&mean| mean == 0.0));
    model.gradients(&images(4), &labels(4), &CrossEntropy).unwrap();
    assert_ne!(model.forward(&images(2)), before);
    let (kept, clone) = (model.forward(&images(2)), model.clone());
    assert_eq!(clone.forward(&images(2)), kept);
    model.statistic_mut("1.running_mean").unwrap().values.fill(9.0);
    assert_ne!(model.forward(&images(2)), kept);
    assert_eq!(clone.forward(&images(2)), kept);
}

#[test]
fn a_failed_step_leaves_the_statistics() {
    let mut model = Model::new(Coupled, 5);
    model.param_mut("0.weight").unwrap().values.fill(f32::NAN);
    model.step(&images(4), &labels(4), &CrossEntropy, &mut Sgd::new(0.1)).unwrap_err();
    assert!(model.statistics().all(|statistic| statistic.values.iter().all(|&mean| mean == 0.0)));
}

#[test]
fn noise_is_another_in_each_step_and_the_same_in_the_same() {
    let mut model = Model::new(Shaken, 5);
    let loss = |model: &mut Model<Shaken>| model.gradients(&images(6), &labels(6), &CrossEntropy).unwrap().0;
    let first = loss(&mut model);
    assert_eq!(loss(&mut model), first);
    model.step(&images(6), &labels(6), &CrossEntropy, &mut Sgd::new(1e-30)).unwrap();
    assert_ne!(loss(&mut model), first);
    assert_eq!(loss(&mut Model::new(Shaken, 5)), first);
}
