//! The figures of networks against what is counted: values, and the bytes that the allocator hands out.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex, PoisonError};

use rayon::ThreadPoolBuilder;
use shapewright::optim::{Memory, Optimizer, Update};
use shapewright::prelude::*;
use shapewright::{Element, Error, Figures, Layer, Loss, Network, OutputOf, Scratch};

/// Counts the bytes of `f32` values that are in use: what is aligned like them.
struct Counting;

static IN_USE: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

/// One test at a time counts.
static TURN: Mutex<()> = Mutex::new(());

fn count(layout: Layout, sign: isize) {
    if layout.align() == align_of::<f32>() {
        let bytes = sign * layout.size().cast_signed();
        PEAK.fetch_max(IN_USE.fetch_add(bytes, SeqCst) + bytes, SeqCst);
    }
}

// SAFETY: every call is handed on to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout, 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout, -1);
        // SAFETY: the pointer came from `alloc` above, which is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most bytes of values that `run` has in use at once, besides those that were there.
fn peak(run: impl FnOnce()) -> usize {
    let before = IN_USE.load(SeqCst);
    PEAK.store(before, SeqCst);
    run();
    (PEAK.load(SeqCst) - before).cast_unsigned()
}

net! {
    LeNet: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> dense(120) >> relu >> dense(84) >> relu >> dense(10);
    /// Its dense layer gathers: the convolution before it runs in tiles of its own.
    Wide: Image<3, 32, 32> => Vector<10> = conv(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense(10);
    Normed: Image<3, 16, 16> => Vector<5> =
        relu >> conv(8, k3, pad1) >> batchnorm >> relu >> residual(conv(8, k3, pad1) >> batchnorm | conv(8, k1)) >> pool2 >> flatten >> dense(5);
    Joined: Image<4, 12, 12> => Vector<5> =
        repeat(2, residual(conv(4, k3, pad1) >> relu)) >> concat(identity | conv(2, k1) | relu >> separable(3, k3, pad1)) >> sum(relu | tanh) >> gelu
        >> flatten >> dense(50) >> Head;
    Head: Vector<50> => Vector<5> = dense(60) >> silu >> dense(5);
    Free: Image<2, 3, 3> => Image<2, 3, 3> = relu;
    /// Layers that need more room for their gradients than for inference.
    Rare: Image<20, 16, 16> => Vector<5> =
        depthwise(k3, pad1) >> lrn(5) >> depthwise(k3, s2, pad1) >> conv_transpose(24, k4, s2, pad1) >> conv(32, k3, pad1)
        >> residual(conv(32, k3, pad1) >> relu | tanh) >> conv(8, k3, s2, pad1, groups2) >> global_maxpool >> flatten >> dense(5);
}

const _: () = assert!(LeNet::PARAMS == 61_706 && LeNet::STATE == 0 && LeNet::weights_bytes() == 246_824);
const _: () = assert!(LeNet::MACS == 416_520 && LeNet::FLOPS == 833_040 && LeNet::DEPTH == 5);
const _: () = assert!(Normed::STATE == 32 && Normed::DEPTH == 3 && Joined::DEPTH == 7);
const _: () = assert!(Free::PARAMS + Free::STATE + Free::MACS + Free::DEPTH + Free::weights_bytes() == 0);

/// Cross-entropy that is not done before each of as many lanes is at it.
struct AllAtOnce(Barrier, usize);

impl<S: shapewright::Shape> Loss<S, Labels<5>> for AllAtOnce {
    fn samples(&self, targets: &Labels<5>) -> usize {
        targets.as_slice().len()
    }

    fn normaliser(&self, _: &Labels<5>) -> f64 {
        1.0
    }

    fn sample<E: Element>(&self, _: &Labels<5>, sample: usize, _: f64, _: &[E], upstream: &mut [E]) -> f64 {
        if sample.is_multiple_of(self.1) {
            self.0.wait();
        }
        upstream.fill(E::zero());
        0.0
    }
}

/// Moves nothing, keeps nothing.
#[derive(Default)]
struct Still<E>(Memory<E>);

impl<E: Element> Optimizer<E> for Still<E> {
    fn step(&mut self, _: Update<'_, E>) -> Result<(), Error> {
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        0.0
    }

    fn memory(&mut self) -> &mut Memory<E> {
        &mut self.0
    }
}

/// Inference of one sample uses the bytes that are announced, and no others.
fn check_inference<N: Network>(network: N) {
    let figures = const { Figures::of::<N>() };
    let model = Model::new(network, 1);
    let x = Batch::<N::Input>::from_fn(1, |_, index| index as f32);
    let used = peak(|| drop(model.forward(&x)));
    assert_eq!(used + size_of_val(x.as_slice()), figures.inference_bytes);
    assert_eq!(model.forward(&Batch::zeros(40)).len(), 40); // in tiles and lanes
    let in_out = size_of_val(x.as_slice()) + size_of_val(Batch::<OutputOf<N>>::zeros(1).as_slice());
    assert!(figures.inference_bytes <= in_out + Scratch::<N>::BYTES);
    assert_eq!(model.parameters().len(), figures.params);
    assert_eq!(model.statistics().map(|statistic| statistic.values.len()).sum::<usize>(), figures.state);
    assert_eq!(figures.weights_bytes, size_of::<f32>() * (figures.params + figures.state));
}

/// A step of training uses the bytes that are announced where all lanes run at once, and what is prepared of the weights.
fn check_training<N: Network<Output = Vector<5>>>(network: &N) {
    let figures = const { Figures::of::<N>() };
    let prepared = size_of::<f32>() * <N as Layer<N::Input>>::PREPARED.backward;
    for samples in [1_usize, 3, 8, 32, 160] {
        let (lanes, lane_samples) =
            if N::COUPLES { (1, samples) } else { (samples.div_ceil(4).min(8), (samples / 8).max(4)) };
        let x = Batch::<N::Input>::from_fn(samples, |sample, index| ((sample + index) % 7) as f32);
        let labels = Labels::<5>::new(&vec![2; samples]).unwrap();
        let loss = AllAtOnce(Barrier::new(lanes), lane_samples);
        let mut model = Model::new(network.clone(), 1);
        let used = peak(|| assert!(model.step(&x, &labels, &loss, &mut Still::default()).is_ok()));
        assert_eq!(used + size_of_val(x.as_slice()), figures.training_bytes(samples) + prepared, "{samples} samples");
    }
}

#[test]
fn inference_uses_the_bytes_that_are_announced() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    check_inference(LeNet);
    check_inference(Wide);
    check_inference(Normed);
    check_inference(Joined);
    check_inference(Head);
    check_inference(Free);
    check_inference(Rare);
    check_inference(net!(Image<3, 32, 32> => Wide >> relu));
}

#[test]
fn inference_has_no_room_for_gradients() {
    fn rooms<N: Network>(_: &N) -> [usize; 2] {
        [<N as Layer<N::Input>>::INFERENCE, <N as Layer<N::Input>>::SCRATCH].map(|space| space.elements(1))
    }
    for [inference, training] in [rooms(&LeNet), rooms(&Joined), rooms(&Rare)] {
        assert!(inference < training, "{inference} and {training}");
    }
}

#[test]
fn training_uses_the_bytes_that_are_announced() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    ThreadPoolBuilder::new().num_threads(8).build().unwrap().install(|| {
        check_training(&net!(Image<1, 28, 28> => LeNet >> dense(5)));
        check_training(&net!(Image<3, 32, 32> => Wide >> dense(5)));
        check_training(&Joined);
        check_training(&Normed);
    });
}

#[test]
fn fewer_threads_use_fewer_bytes() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| {
        let x = Batch::<Image<4, 12, 12>>::zeros(64);
        let labels = Labels::<5>::new(&[2; 64]).unwrap();
        let mut model = Model::new(Joined, 1);
        let used = peak(|| assert!(model.step(&x, &labels, &CrossEntropy, &mut Still::default()).is_ok()));
        assert!(used < Joined::training_bytes(64));
    });
}

/// The multiply-accumulates are those of the textbook's loops.
#[test]
fn multiply_accumulates_are_those_of_the_formulas() {
    let convolutions = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 6 * 25;
    assert_eq!(LeNet::MACS, convolutions + 400 * 120 + 120 * 84 + 84 * 10);
    assert_eq!(Wide::MACS, 32 * 32 * 32 * 3 * 25 + 32 * 16 * 16 * 10);
}

#[test]
fn an_empty_batch_is_an_error_as_before() {
    let mut model = Model::new(Head, 1);
    let nothing = Batch::zeros(0);
    let error = model.step(&nothing, &Labels::new(&[]).unwrap(), &CrossEntropy, &mut Sgd::new(0.1));
    assert!(matches!(error, Err(Error::EmptyBatch)));
}
