//! The same layers several times over, each time with parameters of their own.

use crate::activation::Activation;
use crate::branch;
use crate::element::Element;
use crate::layer::{Backward, Folding, Forward, Head, Layer, Preparation, Prepared, Space};
use crate::layout;
use crate::outline::Outline;
use crate::plan::Plan;
use crate::shape::Shape;
use crate::shape::rules::{CopyCount, Keeps};
use crate::tile;

/// `N` copies of `L`, one after the other: y = `L`ₙ₋₁(… `L`₁(`L`₀(x))), as in `repeat(3, conv(8=>8, k3, pad1) >> relu)`.
///
/// # Shapes
///
/// S → S; the body must keep its shape. Parameters: those of the body, under `0.`, `1.`, … for each copy. `N` is one of 1 to 4096.
///
/// PyTorch: `nn.Sequential(*[body() for _ in range(N)])`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
///
/// net! { pub Deep: Image<8, 16, 16> => Image<8, 16, 16> = repeat(3, conv(8=>8, k3, pad1) >> relu) }
/// assert_eq!(Deep::PARAMS, 3 * (8 * 8 * 9 + 8));
/// assert_eq!(Model::new(Deep, 0).params().nth(2).unwrap().name, "0.1.0.weight");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Repeat<const N: usize, L>(L);

impl<const N: usize, L> Repeat<N, L> {
    /// `N` copies of `body`.
    #[must_use]
    pub const fn new(body: L) -> Self {
        Self(body)
    }
}

/// The number of values of a copy's output that are kept apart, because it ends in an activation whose derivative is told from
/// them, and the next copy begins with one that takes their place.
const fn apart<I: Shape, L: Layer<I>>() -> usize {
    if L::READS_OUTPUT && !matches!(L::HEAD, Head::Own) { I::LEN } else { 0 }
}

impl<I: Shape, const N: usize, L> Layer<I> for Repeat<N, L>
where
    (): CopyCount<N>,
    L: Layer<I>,
    L::Output: Keeps<I>,
{
    type Output = <L::Output as Keeps<I>>::Both;

    const PARAMS: usize = N * L::PARAMS;
    const SAVED: usize = N * L::SAVED + (N - 1) * (I::LEN + apart::<I, L>());
    const SCRATCH: Space = {
        let samples = if L::GATHERS { usize::MAX } else { 0 };
        tile::space::<I, L>(samples).and_per_sample(2 * I::LEN)
    };
    const INFERENCE: Space = {
        let samples = if L::GATHERS { usize::MAX } else { 0 };
        tile::inference::<I, L>(samples).and_per_sample(2 * I::LEN)
    };
    const STATE: usize = N * L::STATE;
    const COUPLES: bool = L::COUPLES;
    const WHOLE: Space = tile::whole::<I, L>().and_per_sample(2 * I::LEN);
    const DRAWS: usize = N * L::DRAWS;
    const PREPARED: Prepared = L::PREPARED.times(N);
    const GATHERS: bool = L::GATHERS;
    const MACS: usize = N * L::MACS;
    const READS_OUTPUT: bool = L::READS_OUTPUT;
    const HEAD: Head = match L::HEAD {
        Head::Own => Head::Own,
        Head::Activation | Head::Whole => Head::Activation,
    };
    const PLAN: Plan = Plan::Copies(N, &L::PLAN);
    const INTERLEAVES: [bool; 2] = layout::of_copies::<I, L>();

    fn head(&self) -> Activation {
        self.0.head()
    }

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        let Preparation { direction, folded, layouts, parameters, state, prepared } = preparation;
        let length = L::PREPARED.of(direction);
        for copy in 0..N {
            self.0.prepare(Preparation {
                direction,
                folded,
                layouts: layouts.of_copy::<I, L, E>(copy, N, folded),
                parameters: &parameters[copy * L::PARAMS..][..L::PARAMS],
                state: &state[copy * L::STATE..][..L::STATE],
                prepared: &mut prepared[copy * length..][..length],
            });
        }
    }

    fn fold<E: Element>(&self, Folding { parameters, state, .. }: Folding<'_, E>) {
        for copy in 0..N {
            let parameters = &mut parameters[copy * L::PARAMS..][..L::PARAMS];
            branch::fold(&self.0, parameters, &mut state[copy * L::STATE..][..L::STATE]);
        }
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let size = I::LEN * pass.samples;
        let kept = |elements: usize| if pass.keep { elements } else { 0 };
        let (between, saved) = pass.saved.split_at_mut(kept((N - 1) * size));
        let (saved_apart, saved) = saved.split_at_mut(kept((N - 1) * apart::<I, L>() * pass.samples));
        let (mut current, scratch) = pass.scratch.split_at_mut(size);
        let (mut next, scratch) = scratch.split_at_mut(size);
        let mut next_state = pass.next_state.chunks_exact_mut(L::STATE.max(1));
        for copy in 0..N {
            let last = copy + 1 == N;
            let head = if last { Activation::Identity } else { self.0.head() };
            let y = if last { &mut *pass.y } else { &mut *next };
            let fused = L::TAIL && saved_apart.is_empty();
            tile::forward(
                &self.0,
                Forward {
                    run: pass.run.behind(copy * L::DRAWS),
                    keep: pass.keep,
                    samples: pass.samples,
                    layouts: pass.layouts.of_copy::<I, L, E>(copy, N, pass.run.folded),
                    parameters: &pass.parameters[copy * L::PARAMS..][..L::PARAMS],
                    prepared: &pass.prepared[copy * L::PREPARED.forward..][..L::PREPARED.forward],
                    state: &pass.state[copy * L::STATE..][..L::STATE],
                    next_state: next_state.by_ref().next().unwrap_or_default(),
                    x: if copy == 0 { pass.x } else { &*current },
                    y: &mut *y,
                    saved: &mut saved[copy * kept(L::SAVED * pass.samples)..][..kept(L::SAVED * pass.samples)],
                    scratch: &mut *scratch,
                    shift: &[],
                    normed: false,
                    epilogue: if fused { head } else { Activation::Identity },
                },
            );
            if !last && !saved_apart.is_empty() {
                saved_apart[copy * size..][..size].copy_from_slice(y);
            }
            if !fused {
                head.apply(y);
            }
            if !last {
                if pass.keep {
                    between[copy * size..][..size].copy_from_slice(y);
                }
                core::mem::swap(&mut current, &mut next);
            }
        }
    }

    fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let size = I::LEN * pass.samples;
        let (between, saved) = pass.saved.split_at((N - 1) * size);
        let (saved_apart, saved) = saved.split_at((N - 1) * apart::<I, L>() * pass.samples);
        let outputs = if saved_apart.is_empty() { between } else { saved_apart };
        let (mut current, scratch) = pass.scratch.split_at_mut(size);
        let (mut next, scratch) = scratch.split_at_mut(size);
        for copy in (0..N).rev() {
            let last = copy + 1 == N;
            let x = if copy == 0 { pass.x } else { &between[(copy - 1) * size..][..size] };
            tile::backward(
                &self.0,
                Backward {
                    run: pass.run.behind(copy * L::DRAWS),
                    samples: pass.samples,
                    parameters: &pass.parameters[copy * L::PARAMS..][..L::PARAMS],
                    prepared: &pass.prepared[copy * L::PREPARED.backward..][..L::PREPARED.backward],
                    state: &pass.state[copy * L::STATE..][..L::STATE],
                    x,
                    activated: if last { pass.activated } else { &outputs[copy * size..][..size] },
                    saved: &saved[copy * L::SAVED * pass.samples..][..L::SAVED * pass.samples],
                    dy: if last { &mut *pass.dy } else { &mut *current },
                    dx: if copy == 0 { pass.dx.as_deref_mut() } else { Some(&mut *next) },
                    gradients: &mut pass.gradients[copy * L::PARAMS..][..L::PARAMS],
                    scratch: &mut *scratch,
                },
            );
            if copy > 0 {
                self.0.head().backward(x, next);
                core::mem::swap(&mut current, &mut next);
            }
        }
    }

    fn outline(&self, outline: &mut Outline) {
        outline.group(|outline| {
            for _ in 0..N {
                outline.group(|outline| self.0.outline(outline));
            }
        });
    }
}
