//! Comparison with what PyTorch gives for the same numbers, in double precision.

use safetensors::SafeTensors;

use shapewright::prelude::*;
use shapewright::{Gradients, Network, OutputOf, Shape};

use super::training::train;

/// Multiples of 2⁻¹² from −1/4 to 1/4 that look random: the `numbers` of make.py.
pub fn numbers(salt: usize, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |index| (((index * 7919 + salt * 104_729) % 2003) as f64 - 1001.0) / 4096.0)
}

/// A batch whose values, one after the other, are these.
pub fn batch<S: Shape>(samples: usize, values: impl Iterator<Item = f64>) -> Batch<S, f64> {
    Batch::from_vec(samples, values.collect()).expect("as many values as the batch has")
}

/// A file that a script in tests/fixtures has made.
pub struct Fixtures(pub &'static [u8]);

impl Fixtures {
    /// Fails unless `values`, or the sums of their equal parts if PyTorch's are stored so, agree with PyTorch's to 1e-9.
    pub fn check(&self, name: &str, values: &[f64]) {
        let file = SafeTensors::deserialize(self.0).expect("a file that make.py wrote");
        let decode = |stored: &[u8]| stored.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
        let (ours, theirs): (Vec<f64>, Vec<f64>) = if let Ok(sums) = file.tensor(&format!("{name}.sums")) {
            let theirs: Vec<f64> = decode(sums.data());
            (values.chunks(values.len() / theirs.len()).map(|part| part.iter().sum()).collect(), theirs)
        } else {
            (values.to_vec(), decode(file.tensor(name).expect(name).data()))
        };
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let same = *ours == *theirs || ours.is_nan() && theirs.is_nan();
            let close = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
            assert!(same || close, "{name}[{index}] is {ours}, PyTorch says {theirs}");
        }
    }

    /// The network with the parameters of make.py, checked forward in evaluation, and backward.
    pub fn check_case<N: Network>(
        &self,
        name: &str,
        network: N,
        samples: usize,
    ) -> (Model<N, f64>, Batch<N::Input, f64>) {
        let (mut model, x, dy) = given(network, samples);
        self.check(&format!("{name}.y"), model.forward(&x).as_slice());
        self.check_gradients(name, &model.backward(&x, &dy));
        (model, x)
    }

    /// As [`check_case`](Self::check_case) in training, then the running statistics, then in evaluation with those.
    pub fn check_training_case<N: Network>(&self, name: &str, network: N, samples: usize) {
        let (mut model, x, dy) = given(network, samples);
        let names: Vec<String> = model.statistics().map(|statistic| statistic.name.to_owned()).collect();
        for (salt, name) in names.iter().enumerate() {
            let start = if name.ends_with("var") { 1.0 } else { 0.0 };
            let values = model.statistic_mut(name).expect(name).values;
            values.iter_mut().zip(numbers(20 + salt, usize::MAX)).for_each(|(value, number)| *value = start + number);
        }
        let (y, gradients) = train(&mut model, &x, &dy);
        self.check(&format!("{name}.y"), y.as_slice());
        self.check_gradients(name, &gradients);
        for statistic in model.statistics() {
            self.check(&format!("{name}.statistic.{}", statistic.name), statistic.values);
        }
        let name = format!("{name}.evaluation");
        self.check(&format!("{name}.y"), model.forward(&x).as_slice());
        self.check_gradients(&name, &model.backward_eval(&x, &dy));
    }

    fn check_gradients<I: Shape>(&self, name: &str, gradients: &Gradients<I, f64>) {
        let input = gradients.input().expect("backward gives the gradient of the input");
        self.check(&format!("{name}.dx"), input.as_slice());
        for gradient in gradients.params() {
            self.check(&format!("{name}.gradient.{}", gradient.name), gradient.values);
        }
    }
}

/// A model with the parameters of common.py, its input and its upstream gradient.
#[expect(clippy::type_complexity, reason = "what a model reads and what it is told")]
fn given<N: Network>(network: N, samples: usize) -> (Model<N, f64>, Batch<N::Input, f64>, Batch<OutputOf<N>, f64>) {
    let mut model = Model::new(network, 0).cast::<f64>();
    let names: Vec<String> = model.params().map(|param| param.name.to_owned()).collect();
    for (salt, name) in names.iter().enumerate() {
        let values = model.param_mut(name).expect(name).values;
        values.iter_mut().zip(numbers(10 + salt, usize::MAX)).for_each(|(value, number)| *value = number);
    }
    let x = batch(samples, numbers(1, samples * N::Input::LEN).map(|number| 16.0 * number));
    let dy = batch(samples, numbers(2, samples * OutputOf::<N>::LEN));
    (model, x, dy)
}
