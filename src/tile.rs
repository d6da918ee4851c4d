//! How many samples a layer runs at once: as many as keep its values in cache, or, where its weights outgrow the cache,
//! as many as there are.

use crate::element::Element;
use crate::layer::{Backward, Forward, Layer, Run, Space};
use crate::parallel;
use crate::shape::Shape;

/// Lanes of a training step: each has gradients of its own.
const LANES: usize = 8;
/// Samples that make a lane of training worth its while.
const LANE_SAMPLES: usize = 4;
/// The most samples that run at once.
const SAMPLES: usize = 16;
/// Values that may pass through one tile: about half of a 1 MiB second-level cache, in f32.
const VALUES: usize = 128 * 1024;

/// Weights from which a layer that reads all of them for each sample had better take many samples at once: they and their
/// gradients fill half of a second-level cache, in f32.
pub(crate) const MANY_WEIGHTS: usize = 64 * 1024;

/// Samples that `L` runs at once.
pub(crate) const fn size<I: Shape, L: Layer<I>>() -> usize {
    let values = I::LEN + L::Output::LEN + L::SAVED + L::SCRATCH.per_sample;
    if L::GATHERS || values * SAMPLES <= VALUES {
        SAMPLES
    } else if values > VALUES {
        1
    } else {
        VALUES / values
    }
}

/// The room that `L` needs as part of something that runs `samples` at once.
pub(crate) const fn space<I: Shape, L: Layer<I>>(samples: usize) -> Space {
    tiled::<I, L>(L::SCRATCH, samples)
}

/// The same for inference.
pub(crate) const fn inference<I: Shape, L: Layer<I>>(samples: usize) -> Space {
    tiled::<I, L>(L::INFERENCE, samples)
}

/// The `space` of `L` where no more than its tile runs at once.
const fn tiled<I: Shape, L: Layer<I>>(space: Space, samples: usize) -> Space {
    let size = size::<I, L>();
    if size < samples { Space { single: space.single, ..Space::fixed(space.elements(size)) } } else { space }
}

/// The room that `L` needs as part of something that runs on a whole batch.
pub(crate) const fn whole<I: Shape, L: Layer<I>>() -> Space {
    if L::COUPLES { L::WHOLE } else { Space::fixed(LANES * (lane_room::<I, L>() + L::PARAMS)) }
}

/// Values of scratch for a lane of a whole batch.
const fn lane_room<I: Shape, L: Layer<I>>() -> usize {
    L::SCRATCH.elements(size::<I, L>())
}

/// How many samples a lane of training takes.
pub(crate) const fn lane_samples(samples: usize) -> usize {
    let even = samples.div_ceil(LANES);
    if even > LANE_SAMPLES { even } else { LANE_SAMPLES }
}

/// Runs a part of a network forward: a whole batch in lanes unless the part couples its samples, and what is left tile by
/// tile.
pub(crate) fn forward<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Forward<'_, E>) {
    if !pass.run.whole {
        return forward_in_tiles(layer, pass);
    }
    if L::COUPLES {
        return layer.forward(pass);
    }
    let samples = lane_samples(pass.samples);
    let run = Run { whole: false, threads: 1, ..pass.run };
    forward_in_lanes(layer, Forward { run, ..pass }, samples);
}

/// Runs a part of a network backward, in the same lanes and tiles; the gradients of the lanes are added up in order.
pub(crate) fn backward<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Backward<'_, E>) {
    if !pass.run.whole {
        return backward_in_tiles(layer, pass);
    }
    if L::COUPLES {
        return layer.backward(pass);
    }
    let samples = lane_samples(pass.samples);
    let run = Run { whole: false, threads: 1, ..pass.run };
    let (lanes, scratch) = pass.scratch.split_at_mut(pass.samples.div_ceil(samples) * L::PARAMS);
    lanes.fill(E::zero());
    backward_in_lanes(layer, Backward { run, gradients: lanes, scratch, ..pass }, samples);
    for lane in lanes.chunks_exact(L::PARAMS.max(1)) {
        pass.gradients.iter_mut().zip(lane).for_each(|(sum, &part)| *sum += part);
    }
}

/// The first values, which are taken away.
fn take<'a, E>(values: &mut &'a [E], count: usize) -> &'a [E] {
    values.split_off(..count).expect("values for every lane")
}

/// The first values, which are taken away.
#[expect(clippy::mut_mut, reason = "a slice that becomes shorter")]
fn take_mut<'a, E>(values: &mut &'a mut [E], count: usize) -> &'a mut [E] {
    values.split_off_mut(..count).expect("values for every lane")
}

/// Each lane takes `lane_samples`.
fn forward_in_lanes<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Forward<'_, E>, lane_samples: usize) {
    let mut lanes = [const { None }; LANES];
    let mut count = 0;
    let Forward { mut x, mut y, mut saved, mut scratch, .. } = pass;
    for first in (0..pass.samples).step_by(lane_samples) {
        let samples = lane_samples.min(pass.samples - first);
        let kept = if pass.keep { samples * L::SAVED } else { 0 };
        lanes[count] = Some(Forward {
            run: pass.run.at_sample(first),
            samples,
            next_state: &mut [],
            x: take(&mut x, samples * I::LEN),
            y: take_mut(&mut y, samples * L::Output::LEN),
            saved: take_mut(&mut saved, kept),
            scratch: take_mut(&mut scratch, lane_room::<I, L>()),
            ..pass
        });
        count += 1;
    }
    parallel::each(&mut lanes[..count], |_, lane| {
        if let Some(pass) = lane.take() {
            forward_in_tiles(layer, pass);
        }
    });
}

/// Each lane takes `lane_samples`, with gradients of its own.
fn backward_in_lanes<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Backward<'_, E>, lane_samples: usize) {
    let mut lanes = [const { None }; LANES];
    let mut count = 0;
    let Backward { mut x, mut activated, mut saved, mut dy, mut dx, mut gradients, mut scratch, .. } = pass;
    for first in (0..pass.samples).step_by(lane_samples) {
        let samples = lane_samples.min(pass.samples - first);
        lanes[count] = Some(Backward {
            run: pass.run.at_sample(first),
            samples,
            x: take(&mut x, samples * I::LEN),
            activated: take(&mut activated, samples * L::Output::LEN),
            saved: take(&mut saved, samples * L::SAVED),
            dy: take_mut(&mut dy, samples * L::Output::LEN),
            dx: dx.as_mut().map(|dx| take_mut(dx, samples * I::LEN)),
            gradients: take_mut(&mut gradients, L::PARAMS),
            scratch: take_mut(&mut scratch, lane_room::<I, L>()),
            ..pass
        });
        count += 1;
    }
    parallel::each(&mut lanes[..count], |_, lane| {
        if let Some(pass) = lane.take() {
            backward_in_tiles(layer, pass);
        }
    });
}

fn forward_in_tiles<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Forward<'_, E>) {
    let size = const { size::<I, L>() };
    if pass.samples <= size {
        return layer.forward(pass);
    }
    for first in (0..pass.samples).step_by(size) {
        let samples = size.min(pass.samples - first);
        layer.forward(Forward {
            run: pass.run.at_sample(first),
            samples,
            next_state: &mut *pass.next_state,
            x: &pass.x[first * I::LEN..][..samples * I::LEN],
            y: &mut pass.y[first * L::Output::LEN..][..samples * L::Output::LEN],
            saved: if pass.keep { &mut pass.saved[first * L::SAVED..][..samples * L::SAVED] } else { &mut [] },
            scratch: &mut *pass.scratch,
            ..pass
        });
    }
}

fn backward_in_tiles<I: Shape, L: Layer<I>, E: Element>(layer: &L, mut pass: Backward<'_, E>) {
    let size = const { size::<I, L>() };
    if pass.samples <= size {
        return layer.backward(pass);
    }
    for first in (0..pass.samples).step_by(size) {
        let samples = size.min(pass.samples - first);
        layer.backward(Backward {
            run: pass.run.at_sample(first),
            samples,
            parameters: pass.parameters,
            prepared: pass.prepared,
            state: pass.state,
            x: &pass.x[first * I::LEN..][..samples * I::LEN],
            activated: &pass.activated[first * L::Output::LEN..][..samples * L::Output::LEN],
            saved: &pass.saved[first * L::SAVED..][..samples * L::SAVED],
            dy: &mut pass.dy[first * L::Output::LEN..][..samples * L::Output::LEN],
            dx: pass.dx.as_deref_mut().map(|dx| &mut dx[first * I::LEN..][..samples * I::LEN]),
            gradients: &mut *pass.gradients,
            scratch: &mut *pass.scratch,
        });
    }
}
