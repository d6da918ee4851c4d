//! Comparison with what PyTorch gives for the same numbers, in double and in single precision.
//!
//! There are hundreds of networks. What is compiled for each makes its model and runs it, the rest is done on slices and once.

use safetensors::SafeTensors;

use shapewright::prelude::*;
use shapewright::{Element, Gradients, Labels, Network, OutputOf, Param, Shape};

use super::training::train;

/// A file that a script in tests/fixtures has made; common.py says what is in it.
#[derive(Clone, Copy)]
pub(crate) struct Fixtures(pub(crate) &'static [u8]);

impl Fixtures {
    /// Fails unless a network that is the same in training as in evaluation gives what PyTorch gives, forward and backward.
    pub(crate) fn check<N: Network>(self, name: &str, network: N) {
        self.check_in::<N, f64>(name, network.clone());
        self.check_in::<N, f32>(name, network);
    }

    /// As [`check`](Self::check) in training, then the running statistics, then in evaluation with those.
    pub(crate) fn check_training<N: Network>(self, name: &str, network: N) {
        self.check_training_in::<N, f64>(name, network.clone());
        self.check_training_in::<N, f32>(name, network);
    }

    fn check_in<N: Network, E: Element>(self, name: &str, network: N) {
        let (mut model, x, dy) = self.given::<N, E>(name, network);
        self.compare(&format!("{name}/y"), model.forward(&x).as_slice());
        self.compare_gradients(name, &x, &model.backward(&x, &dy));
    }

    fn check_training_in<N: Network, E: Element>(self, name: &str, network: N) {
        let (mut model, x, dy) = self.given::<N, E>(name, network);
        let (y, gradients) = train(&mut model, &x, &dy);
        let training = format!("{name}/training");
        self.compare(&format!("{training}/y"), y.as_slice());
        self.compare_gradients(&training, &x, &gradients);
        for statistic in model.statistics() {
            self.compare(&format!("{training}/statistic/{}", statistic.name), statistic.values);
        }
        self.compare(&format!("{name}/y"), model.forward(&x).as_slice());
        self.compare_gradients(name, &x, &model.backward_eval(&x, &dy));
    }

    /// The network with the parameters and running statistics of the file, its input and its upstream gradient.
    #[expect(clippy::type_complexity, reason = "what a model reads and what it is told")]
    fn given<N: Network, E: Element>(
        self,
        name: &str,
        network: N,
    ) -> (Model<N, E>, Batch<N::Input, E>, Batch<OutputOf<N>, E>) {
        let mut model = Model::new(network, 0).cast::<E>();
        self.read(&format!("{name}/parameter"), names(model.params()), &mut |parameter, values| {
            fill(parameter, model.param_mut(parameter).expect("a parameter of the model").values, values);
        });
        self.read(&format!("{name}/statistic"), names(model.statistics()), &mut |statistic, values| {
            fill(statistic, model.statistic_mut(statistic).expect("a statistic of the model").values, values);
        });
        (model, self.batch(&format!("{name}/x")), self.batch(&format!("{name}/dy")))
    }

    fn compare_gradients<S: Shape, E: Element>(self, name: &str, x: &Batch<S, E>, gradients: &Gradients<S, E>) {
        let dx = gradients.input().expect("backward gives the gradient of the input");
        self.compare_slices(name, x.as_slice(), dx.as_slice(), gradients.params());
    }

    /// Gradients of the input count where it is finite.
    fn compare_slices<'a, E: Element>(
        self,
        name: &str,
        x: &[E],
        dx: &[E],
        gradients: impl Iterator<Item = Param<'a, E>>,
    ) {
        let finite = |(x, dx): (&E, &E)| if x.is_finite() { *dx } else { E::zero() };
        let dx: Vec<E> = x.iter().zip(dx).map(finite).collect();
        self.compare(&format!("{name}/dx"), &dx);
        for gradient in gradients {
            self.compare(&format!("{name}/gradient/{}", gradient.name), gradient.values);
        }
    }

    /// Fails unless `values`, or the sums of their equal parts if PyTorch's are stored so, agree with PyTorch's: relative to each, but
    /// where that is small to the largest of them, up to 1. Scripts see to it that this is no less than 10⁻³, but where all should be 0.
    pub(crate) fn compare<E: Element>(self, name: &str, values: &[E]) {
        let tolerance = if E::epsilon().as_f64() < 1e-9 { 1e-9 } else { 2e-5 };
        let ours = values.iter().map(|value| value.as_f64());
        let (ours, theirs): (Vec<f64>, Vec<f64>) = if let Some(sums) = self.values(&format!("{name}.sums")) {
            let (ours, part) = (ours.collect::<Vec<f64>>(), values.len() / sums.len());
            (ours.chunks(part).map(|part| part.iter().sum()).collect(), sums)
        } else {
            (ours.collect(), self.values(name).expect(name))
        };
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let largest =
            theirs.iter().filter(|theirs| theirs.is_finite()).fold(1e-3, |largest: f64, x| largest.max(x.abs()));
        for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let same = *ours == *theirs || ours.is_nan() && theirs.is_nan();
            let close = (ours - theirs).abs() <= tolerance * theirs.abs().max(largest.min(1.0));
            assert!(same || close, "{name}[{index}] is {ours}, PyTorch says {theirs}");
        }
    }

    /// The samples of a tensor.
    pub(crate) fn batch<S: Shape, E: Element>(self, name: &str) -> Batch<S, E> {
        let values = self.elements(name);
        Batch::from_vec(values.len() / S::LEN, values).expect("whole samples")
    }

    /// The classes of a tensor.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
    pub(crate) fn labels<const CLASSES: usize>(self, name: &str) -> Labels<CLASSES> {
        let classes: Vec<usize> = self.values(name).expect(name).into_iter().map(|class| class as usize).collect();
        Labels::new(&classes).expect("classes")
    }

    /// Hands the values of each of these tensors in a group of them to `set`.
    fn read<E: Element>(self, group: &str, tensors: Vec<String>, set: &mut dyn FnMut(&str, &[E])) {
        for tensor in tensors {
            set(&tensor, &self.elements(&format!("{group}/{tensor}")));
        }
    }

    /// The values of a tensor that is there.
    fn elements<E: Element>(self, name: &str) -> Vec<E> {
        self.values(name).expect(name).into_iter().map(E::from_f64).collect()
    }

    /// The values of a tensor, if there is one of that name.
    pub(crate) fn values(self, name: &str) -> Option<Vec<f64>> {
        let file = SafeTensors::deserialize(self.0).expect("a file that make.py wrote");
        let tensor = file.tensor(name).ok()?;
        Some(tensor.data().as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
    }
}

fn fill<E: Element>(name: &str, values: &mut [E], stored: &[E]) {
    assert_eq!(stored.len(), values.len(), "{name}");
    values.copy_from_slice(stored);
}

fn names<'a, E: 'a>(tensors: impl Iterator<Item = Param<'a, E>>) -> Vec<String> {
    tensors.map(|tensor| tensor.name.to_owned()).collect()
}

/// A test for each group, in it a line for each configuration: the chain on the input shape gives what PyTorch says under the name.
macro_rules! fixtures {
    ($fixtures:ident.$check:ident: $($test:ident { $($name:literal: $input:ty => $chain:expr;)* })*) => { $(
        #[test]
        fn $test() {
            #[allow(unused_imports)] // a layer may be written by its type
            use shapewright::dsl::*;
            $($fixtures.$check($name, ($chain).on::<$input>());)*
        }
    )* };
}
