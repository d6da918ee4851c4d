//! Convolutions whose input or output has its channels interleaved, against the textbook loops, exactly.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::depthwise::{Case, cases, check_equal, draw, garbage};
use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::depthwise::Depthwise;
use shapewright::kernels::direct::Direct;
use shapewright::kernels::simd::{Level, Processor};
use shapewright::kernels::window::Window2d;
use shapewright::layer::{Direction, Layout, Layouts};
use shapewright::{Activation, Element, reference};

/// A multiple of the lanes of any register.
const CHANNELS: usize = 16;

/// Samples of planes of `pixels`, as `layout` says, for registers of so many lanes.
fn lay_out<E: Element>(planes: &[E], pixels: usize, layout: Layout, lanes: usize) -> Vec<E> {
    match layout {
        Layout::Planar => planes.to_vec(),
        Layout::Interleaved => {
            let groups = planes.chunks_exact(lanes * pixels);
            groups.flat_map(|group| (0..lanes * pixels).map(|at| group[at % lanes * pixels + at / lanes])).collect()
        }
    }
}

/// Every way at every level.
fn ways() -> impl Iterator<Item = (Level, Layouts)> {
    let layouts = [Layout::Planar, Layout::Interleaved];
    let both = layouts.into_iter().flat_map(move |x| layouts.map(|y| Layouts { x, y }));
    Level::available().flat_map(move |level| both.clone().map(move |layouts| (level, layouts)))
}

/// What a convolution gives, and what the loops say: that is checked for every way.
fn check<E: Element>(
    (geometry, samples, seed, special): (&Conv2dGeometry, usize, u64, bool),
    (weight, bias): (&[E], &[E]),
    convolve: impl Fn(Level, Layouts, &[E], &mut [E]),
) -> TestCaseResult {
    let window = &geometry.window;
    let x = draw(seed ^ 1, samples * window.input_len(), special);
    let mut loops = garbage(samples * geometry.output_len());
    for (x, y) in x.chunks_exact(window.input_len()).zip(loops.chunks_exact_mut(geometry.output_len())) {
        reference::conv2d(geometry, weight, bias, x, y);
    }
    Activation::Relu.apply(&mut loops);
    for (level, layouts) in ways() {
        let x = lay_out(&x, window.pixels(), layouts.x, level.lanes::<E>());
        let expected = lay_out(&loops, window.positions(), layouts.y, level.lanes::<E>());
        let mut y = garbage(expected.len());
        convolve(level, layouts, &x, &mut y);
        check_equal(level, &format!("y of {layouts:?}"), &y, &expected)?;
    }
    Ok(())
}

fn check_depthwise<E: Element>(case: &Case, special: bool) -> TestCaseResult {
    let weight = draw::<E>(case.seed, case.geometry().weight_len(), false);
    let bias = draw::<E>(case.seed ^ 3, if case.biased { case.window.channels } else { 0 }, false);
    let depthwise = Depthwise::new(&case.window).expect("few enough taps");
    let sizes = (&case.geometry(), case.samples, case.seed, special);
    check(sizes, (&weight, &bias), |level, layouts, x, y| {
        let mut scratch = garbage(depthwise.forward_len());
        depthwise.laid_out(layouts).forward(level, (&weight, &bias), x, y, Activation::Relu, &mut scratch);
    })
}

fn check_pointwise<E: Element>(geometry: &Conv2dGeometry, samples: usize, biased: bool, seed: u64) -> TestCaseResult {
    let weight = draw::<E>(seed, geometry.weight_len(), false);
    let bias = draw::<E>(seed ^ 3, if biased { geometry.filters } else { 0 }, false);
    let direct = Direct::new(geometry).expect("a convolution without padding");
    prop_assert!(direct.is_pointwise());
    check((geometry, samples, seed, true), (&weight, &bias), |level, layouts, x, y| {
        let direct = direct.laid_out(layouts);
        let mut packed = garbage(direct.packed().of(Direction::Forward));
        direct.pack(level, Direction::Forward, &weight, &mut packed);
        let (processor, mut scratch) = (Processor { level, threads: 1 }, garbage(direct.forward_len()));
        direct.forward::<E, true>(processor, (&packed, &bias), x, y, Activation::Relu, &mut scratch);
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn depthwise_agrees(case in cases(), groups in 1..=2_usize, special: bool) {
        let case = Case { window: Window2d { channels: groups * CHANNELS, ..case.window }, ..case };
        check_depthwise::<f32>(&case, special)?;
        check_depthwise::<f64>(&case, special)?;
    }

    #[test]
    fn pointwise_agrees(
        sizes in [1..=3_usize, 1..=3],
        pixels in [1..=9_usize, 1..=30],
        samples in 0..=2_usize,
        biased: bool,
        seed: u64,
    ) {
        let [channels, filters] = sizes.map(|groups| groups * CHANNELS);
        let window = Window2d::new(channels, pixels, [1; 2], [1; 2], [0; 2], [1; 2]).expect("a pixel");
        let geometry = Conv2dGeometry { window, filters, groups: 1 };
        check_pointwise::<f32>(&geometry, samples, biased, seed)?;
        check_pointwise::<f64>(&geometry, samples, biased, seed)?;
    }
}

/// More rows than are padded at once, more channels than a table of taps has room for, and planes that crowd each other.
#[test]
fn large_images_agree() -> TestCaseResult {
    for (stride, dilation) in [(1, 1), (2, 1), (1, 3), (3, 2)] {
        let window = Window2d::new(CHANNELS, [61, 67], [3; 2], [stride; 2], [1, 2], [dilation; 2]).expect("a window");
        let case = Case { window, samples: 2, biased: true, seed: 5 };
        check_depthwise::<f32>(&case, true)?;
    }
    for channels in [144, 256] {
        let window = Window2d::new(channels, [32, 16], [1; 2], [1; 2], [0; 2], [1; 2]).expect("a pixel");
        check_pointwise::<f32>(&Conv2dGeometry { window, filters: 48, groups: 1 }, 2, true, 5)?;
    }
    Ok(())
}
