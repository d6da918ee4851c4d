//! How many samples a layer runs at once: as many as keep its values in cache, or, where its weights outgrow the cache,
//! as many as there are.

use crate::element::Element;
use crate::layer::{Backward, Forward, Layer, Space};
use crate::shape::Shape;

/// The most samples that run at once.
const SAMPLES: usize = 16;
/// Values that may pass through one tile: about half of a 1 MiB second-level cache, in f32.
const VALUES: usize = 128 * 1024;

/// Weights from which a layer that reads all of them for each sample had better take many samples at once: half of a second-level
/// cache, in f32.
pub(crate) const MANY_WEIGHTS: usize = 128 * 1024;

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
    let size = size::<I, L>();
    if size < samples { Space::fixed(L::SCRATCH.elements(size)) } else { L::SCRATCH }
}

/// Runs a part of a network forward, tile by tile.
pub(crate) fn forward<I: Shape, L: Layer<I>, E: Element>(layer: &L, pass: Forward<'_, E>) {
    let size = const { size::<I, L>() };
    if pass.samples <= size {
        return layer.forward(pass);
    }
    for first in (0..pass.samples).step_by(size) {
        let samples = size.min(pass.samples - first);
        layer.forward(Forward {
            samples,
            x: &pass.x[first * I::LEN..][..samples * I::LEN],
            y: &mut pass.y[first * L::Output::LEN..][..samples * L::Output::LEN],
            saved: if pass.keep { &mut pass.saved[first * L::SAVED..][..samples * L::SAVED] } else { &mut [] },
            scratch: &mut *pass.scratch,
            ..pass
        });
    }
}

/// Runs a part of a network backward, in the same tiles.
pub(crate) fn backward<I: Shape, L: Layer<I>, E: Element>(layer: &L, mut pass: Backward<'_, E>) {
    let size = const { size::<I, L>() };
    if pass.samples <= size {
        return layer.backward(pass);
    }
    for first in (0..pass.samples).step_by(size) {
        let samples = size.min(pass.samples - first);
        layer.backward(Backward {
            mode: pass.mode,
            samples,
            threads: pass.threads,
            parameters: pass.parameters,
            prepared: pass.prepared,
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
