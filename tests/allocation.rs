//! A step allocates nothing after the first of its batch size, but for matrixmultiply's packing buffers.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use shapewright::prelude::*;
use shapewright::{Network, Scratch, Shape};

#[macro_use]
#[path = "common/families.rs"]
mod families;

/// Counts the allocations of each thread, by alignment: matrixmultiply aligns its buffers to 32 bytes or more, and
/// nothing else here does.
struct Counting;

thread_local! {
    static OURS: Cell<usize> = const { Cell::new(0) };
    static PACKING: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let counter = if layout.align() >= 32 { &PACKING } else { &OURS };
        counter.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, which is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

net! { Small: Image<3, 16, 16> => Vector<5> =
conv(8, k3, pad1) >> relu >> pool2 >> repeat(2, conv(8=>8, k3, pad1) >> relu) >> flatten >> dense(5) }

#[test]
fn a_step_allocates_nothing_after_the_first() {
    check_steps(Small);
}

#[test]
fn no_layer_makes_a_step_or_an_inference_allocate() {
    fn check<N: Network<Output = Vector<5>>>(name: &str, network: N) {
        println!("{name}");
        check_steps(network.clone());
        check_inference(network);
    }
    for_each_family!(check);
}

fn some<S: Shape>() -> Batch<S> {
    Batch::from_fn(48, |sample, index| ((sample + index) % 7) as f32)
}

fn check_steps<N: Network<Output = Vector<5>>>(network: N) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (ours, packing) = pool.install(|| {
        let mut model = Model::new(network, 1);
        let x = some();
        let labels = Labels::new(&[2; 48]).unwrap();
        let mut adam = Adam::new(1e-3);
        model.step(&x, &labels, &CrossEntropy, &mut adam).unwrap();
        let start = (OURS.get(), PACKING.get());
        for _ in 0..3 {
            model.step(&x, &labels, &CrossEntropy, &mut adam).unwrap();
        }
        (OURS.get() - start.0, PACKING.get() - start.1)
    });
    println!("{packing} packing buffers in three steps");
    assert_eq!(ours, 0);
}

#[test]
fn forward_allocates_what_it_returns() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let ours = pool.install(|| {
        let model = Model::new(Small, 1);
        let x = some();
        let _ = model.forward(&x);
        let start = OURS.get();
        let _ = model.forward(&x);
        OURS.get() - start
    });
    assert_eq!(ours, 1);
}

#[test]
fn infer_into_never_allocates() {
    check_inference(Small);
}

fn check_inference<N: Network>(network: N) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (ours, packing) = pool.install(|| {
        let model = Model::new(network, 1);
        let x = some();
        let expected = model.forward(&x);
        let mut y = Batch::zeros(48);
        let mut scratch = Scratch::<N>::with_lanes(3);
        let start = (OURS.get(), PACKING.get());
        model.infer_into(&x, &mut y, &mut scratch).unwrap();
        let counted = (OURS.get() - start.0, PACKING.get() - start.1);
        assert_eq!(y.as_slice(), expected.as_slice());
        counted
    });
    println!("{packing} packing buffers");
    assert_eq!(ours, 0);
}
