//! Two layers, one after the other.

use crate::activation::Activation;
use crate::element::Element;
use crate::layer::{Backward, End, Fold, Folding, Forward, Head, Layer, Preparation, Prepared, Space};
use crate::layout;
use crate::outline::Outline;
use crate::plan::Plan;
use crate::shape::Shape;
use crate::tile;
use crate::watch::Watch;

/// `A`, then `B`: what `a >> b` gives.
///
/// The value between the two lives in `saved` when a backward pass will follow and in `scratch` otherwise. There is
/// none where `B` is an activation, which is applied to the output in place, nor where `A` is one and `B` has work of its own:
/// `A` has been applied to the input already by whoever wrote it.
///
/// # Shapes
///
/// I → `A::Output` → `B::Output`
#[derive(Clone, Copy, Debug, Default)]
pub struct Seq<A, B>(pub A, pub B);

/// The number of values between `A` and `B`, which is 0 where none is needed.
const fn middle<I: Shape, A: Layer<I>, B: Layer<A::Output>>() -> usize {
    match (A::HEAD, B::HEAD) {
        (Head::Whole, Head::Own) | (_, Head::Whole) => 0,
        _ => A::Output::LEN,
    }
}

/// The number of values of `A`'s output that are kept apart, because `A` ends in an activation whose derivative is told from
/// them, and `B` begins with one that takes their place.
const fn apart<I: Shape, A: Layer<I>, B: Layer<A::Output>>() -> usize {
    if A::READS_OUTPUT && !matches!(B::HEAD, Head::Own) { A::Output::LEN } else { 0 }
}

impl<I: Shape, A: Layer<I>, B: Layer<A::Output>> Layer<I> for Seq<A, B> {
    type Output = B::Output;

    const PARAMS: usize = A::PARAMS + B::PARAMS;
    const SAVED: usize = middle::<I, A, B>() + apart::<I, A, B>() + A::SAVED + B::SAVED;
    const SCRATCH: Space = {
        let samples = if Self::GATHERS { usize::MAX } else { 0 };
        tile::space::<I, A>(samples).or(tile::space::<A::Output, B>(samples)).and_per_sample(middle::<I, A, B>())
    };
    const INFERENCE: Space = {
        let samples = if Self::GATHERS { usize::MAX } else { 0 };
        let sides = tile::inference::<I, A>(samples).or(tile::inference::<A::Output, B>(samples));
        sides.and_per_sample(middle::<I, A, B>())
    };
    const STATE: usize = A::STATE + B::STATE;
    const COUPLES: bool = A::COUPLES || B::COUPLES;
    const WHOLE: Space = tile::whole::<I, A>().or(tile::whole::<A::Output, B>()).and_per_sample(middle::<I, A, B>());
    const DRAWS: usize = A::DRAWS + B::DRAWS;
    const PREPARED: Prepared = A::PREPARED.and(B::PREPARED);
    const MACS: usize = A::MACS + B::MACS;
    const GATHERS: bool = A::GATHERS || B::GATHERS;
    const HEAD: Head = match A::HEAD {
        Head::Own => Head::Own,
        Head::Activation | Head::Whole => Head::Activation,
    };
    const READS_OUTPUT: bool = B::READS_OUTPUT || matches!(B::HEAD, Head::Whole);
    const TAIL: bool = B::TAIL;
    const PLAN: Plan = Plan::Row(&A::PLAN, &B::PLAN);
    const FOLD: Fold = A::FOLD.then(B::HEAD, B::FOLD);
    const INTERLEAVES: [bool; 2] = layout::of_both::<I, A, B>();

    fn head(&self) -> Activation {
        self.0.head()
    }

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        let layouts = preparation.layouts.divide::<I, A, B, E>(preparation.folded);
        let [a, b] = preparation.divide::<I, A>(layouts);
        self.0.prepare(a);
        self.1.prepare(b);
    }

    fn behind_norm(&self) -> Activation {
        if A::FOLD.behind.is_none() { self.1.head() } else { self.0.behind_norm() }
    }

    fn fold<E: Element>(&self, Folding { parameters, state, before, lines }: Folding<'_, E>) {
        let (parameters_a, parameters_b) = parameters.split_at_mut(A::PARAMS);
        let (state_a, state_b) = state.split_at_mut(A::STATE);
        let end = if A::FOLD.takes(B::FOLD) { A::FOLD.end } else { End::Other };
        self.1.fold(Folding { parameters: parameters_b, state: state_b, before: end, lines });
        self.0.fold(Folding { parameters: parameters_a, state: state_a, before, lines });
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let Self(a, b) = self;
        let middle = middle::<I, A, B>() * pass.samples;
        let (parameters_a, parameters_b) = pass.parameters.split_at(A::PARAMS);
        let (prepared_a, prepared_b) = pass.prepared.split_at(A::PREPARED.forward);
        let (state_a, state_b) = pass.state.split_at(A::STATE);
        let (next_state_a, next_state_b) = pass.next_state.split_at_mut(A::STATE.min(pass.next_state.len()));
        let kept = |elements: usize| if pass.keep { elements } else { 0 };
        let (saved_middle, saved) = pass.saved.split_at_mut(kept(middle));
        let (saved_apart, saved) = saved.split_at_mut(kept(apart::<I, A, B>() * pass.samples));
        let (saved_a, saved_b) = saved.split_at_mut(kept(A::SAVED * pass.samples));
        let (scratch_middle, scratch) = pass.scratch.split_at_mut(if pass.keep { 0 } else { middle });

        let [layouts_a, layouts_b] = pass.layouts.divide::<I, A, B, E>(pass.run.folded);
        let folds = pass.run.folded && A::FOLD.takes(B::FOLD);
        let head_a = if pass.normed { A::FOLD.behind } else { Some(A::HEAD) };
        let head_b = if folds { B::FOLD.behind } else { Some(B::HEAD) };
        let mut first = |y: &mut [E], scratch: &mut [E]| {
            let head = match head_b {
                None => pass.epilogue,
                Some(_) if folds => b.behind_norm(),
                Some(_) => b.head(),
            };
            let fused = A::TAIL && saved_apart.is_empty();
            tile::forward(
                a,
                Forward {
                    run: pass.run,
                    keep: pass.keep,
                    samples: pass.samples,
                    layouts: layouts_a,
                    parameters: parameters_a,
                    prepared: prepared_a,
                    state: state_a,
                    next_state: next_state_a,
                    x: pass.x,
                    y,
                    saved: saved_a,
                    scratch,
                    shift: if folds && A::FOLD.end == End::Weights { &prepared_b[..B::FOLD.norm] } else { &[] },
                    normed: pass.normed,
                    epilogue: if fused { head } else { Activation::Identity },
                },
            );
            if !saved_apart.is_empty() {
                saved_apart.copy_from_slice(y);
            }
            if !fused {
                head.apply(y);
            }
        };
        let mut second = |x: &[E], y: &mut [E], scratch: &mut [E]| {
            tile::forward(
                b,
                Forward {
                    run: pass.run.behind(A::DRAWS),
                    keep: pass.keep,
                    samples: pass.samples,
                    layouts: layouts_b,
                    parameters: parameters_b,
                    prepared: prepared_b,
                    state: state_b,
                    next_state: next_state_b,
                    x,
                    y,
                    saved: saved_b,
                    scratch,
                    shift: pass.shift,
                    normed: folds,
                    epilogue: pass.epilogue,
                },
            );
        };
        match (head_a, head_b) {
            (None, _) | (Some(Head::Whole), Some(Head::Own)) => second(pass.x, pass.y, scratch),
            (_, None | Some(Head::Whole)) => first(pass.y, scratch),
            _ => {
                let between = if pass.keep { saved_middle } else { scratch_middle };
                first(between, scratch);
                second(between, pass.y, scratch);
            }
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Self(a, b) = self;
        let middle = middle::<I, A, B>() * pass.samples;
        let (parameters_a, parameters_b) = pass.parameters.split_at(A::PARAMS);
        let (prepared_a, prepared_b) = pass.prepared.split_at(A::PREPARED.backward);
        let (state_a, state_b) = pass.state.split_at(A::STATE);
        let (gradients_a, gradients_b) = pass.gradients.split_at_mut(A::PARAMS);
        let (between, saved) = pass.saved.split_at(middle);
        let (saved_apart, saved) = saved.split_at(apart::<I, A, B>() * pass.samples);
        let (saved_a, saved_b) = saved.split_at(A::SAVED * pass.samples);
        let (d_between, scratch) = pass.scratch.split_at_mut(middle);

        let mut second = |x: &[E], dy: &mut [E], dx: Option<&mut [E]>, scratch: &mut [E]| {
            tile::backward(
                b,
                Backward {
                    run: pass.run.behind(A::DRAWS),
                    samples: pass.samples,
                    parameters: parameters_b,
                    prepared: prepared_b,
                    state: state_b,
                    x,
                    activated: pass.activated,
                    saved: saved_b,
                    dy,
                    dx,
                    gradients: gradients_b,
                    scratch,
                },
            );
        };
        let mut first = |activated: &[E], dy: &mut [E], dx: Option<&mut [E]>, scratch: &mut [E]| {
            b.head().backward(activated, dy);
            tile::backward(
                a,
                Backward {
                    run: pass.run,
                    samples: pass.samples,
                    parameters: parameters_a,
                    prepared: prepared_a,
                    state: state_a,
                    x: pass.x,
                    activated: if saved_apart.is_empty() { activated } else { saved_apart },
                    saved: saved_a,
                    dy,
                    dx,
                    gradients: gradients_a,
                    scratch,
                },
            );
        };
        if B::HEAD == Head::Whole {
            first(pass.activated, pass.dy, pass.dx, scratch);
        } else if (A::HEAD, B::HEAD) == (Head::Whole, Head::Own) {
            second(pass.x, pass.dy, pass.dx, scratch);
        } else if A::PARAMS == 0 && pass.dx.is_none() {
            second(between, pass.dy, None, scratch);
        } else {
            second(between, pass.dy, Some(d_between), scratch);
            first(between, d_between, pass.dx, scratch);
        }
    }

    fn watch<E: Element>(&self, watch: &mut Watch<'_, E>) {
        self.0.watch(watch);
        self.1.watch(watch);
    }

    fn outline(&self, outline: &mut Outline) {
        self.0.outline(outline);
        self.1.outline(outline);
    }
}
