//! Two branches whose outputs are put behind each other.

use crate::activation::Activation;
use crate::branch;
use crate::element::Element;
use crate::layer::{Backward, Folding, Forward, Layer, Layouts, Preparation, Prepared, Space};
use crate::outline::Outline;
use crate::plan::{Join, Plan};
use crate::shape::{Beside, Shape};
use crate::tile;

/// a(x) and b(x), the channels of the second behind those of the first: the joint of Inception blocks and U-nets.
///
/// More than two nest to the right: `Concat<A, Concat<B, C>>`.
///
/// # Shapes
///
/// I → `Image<A + B, H, W>` for branches that give `Image<A, H, W>` and `Image<B, H, W>`; sequences of one length and features
/// likewise. Parameters: those of branch `j` under `j.`.
///
/// PyTorch: `torch.cat([a(x), b(x)], dim=1)`; Szegedy et al., 2015, <https://arxiv.org/abs/1409.4842>.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Chain, Concat, Identity, Relu};
///
/// let model = Model::new(net!(Vector<2> => {Concat::new(Chain(Identity), Chain(Relu))}), 0);
/// assert_eq!(model.forward(&Batch::from([[-1.0, 2.0]])).sample(0), [-1.0, 2.0, 0.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Concat<A, B>(A, B);

impl<A, B> Concat<A, B> {
    /// Two branches beside each other.
    #[must_use]
    pub const fn new(a: A, b: B) -> Self {
        Self(a, b)
    }
}

/// Values of a sample that both outputs take, each branch's together.
const fn apart<I: Shape, A: Layer<I>, B: Layer<I>>() -> usize {
    A::Output::LEN + B::Output::LEN
}

/// Values of a sample that both outputs take in `saved`.
const fn kept<I: Shape, A: Layer<I>, B: Layer<I>>() -> usize {
    if A::READS_OUTPUT || B::READS_OUTPUT { apart::<I, A, B>() } else { 0 }
}

impl<I: Shape, A: Layer<I>, B: Layer<I>> Layer<I> for Concat<A, B>
where
    A::Output: Beside<B::Output>,
{
    type Output = <A::Output as Beside<B::Output>>::Both;

    const PARAMS: usize = A::PARAMS + B::PARAMS;
    const SAVED: usize = kept::<I, A, B>() + A::SAVED + B::SAVED;
    const SCRATCH: Space = {
        let samples = if Self::GATHERS { usize::MAX } else { 0 };
        let branches = tile::space::<I, A>(samples).or(tile::space::<I, B>(samples));
        branches.and_per_sample(2 * I::LEN + apart::<I, A, B>())
    };
    const INFERENCE: Space = {
        let samples = if Self::GATHERS { usize::MAX } else { 0 };
        branch::inference::<I, A>(samples).or(branch::inference::<I, B>(samples)).and_per_sample(apart::<I, A, B>())
    };
    const STATE: usize = A::STATE + B::STATE;
    const COUPLES: bool = A::COUPLES || B::COUPLES;
    const WHOLE: Space = {
        let branches = tile::whole::<I, A>().or(tile::whole::<I, B>());
        branches.and_per_sample(2 * I::LEN + apart::<I, A, B>())
    };
    const DRAWS: usize = A::DRAWS + B::DRAWS;
    const PREPARED: Prepared = A::PREPARED.and(B::PREPARED);
    const MACS: usize = A::MACS + B::MACS;
    const GATHERS: bool = A::GATHERS || B::GATHERS;
    const TAIL: bool = true;
    const PLAN: Plan = Plan::Branches(Join::Stacked, &A::PLAN, &B::PLAN);

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        let [a, b] = preparation.divide::<I, A>([Layouts::PLANAR; 2]);
        self.0.prepare(a);
        self.1.prepare(b);
    }

    fn fold<E: Element>(&self, Folding { parameters, state, .. }: Folding<'_, E>) {
        let (parameters_a, parameters_b) = parameters.split_at_mut(A::PARAMS);
        let (state_a, state_b) = state.split_at_mut(A::STATE);
        branch::fold(&self.0, parameters_a, state_a);
        branch::fold(&self.1, parameters_b, state_b);
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let Self(a, b) = self;
        let samples = pass.samples;
        let (parameters_a, parameters_b) = pass.parameters.split_at(A::PARAMS);
        let (prepared_a, prepared_b) = pass.prepared.split_at(A::PREPARED.forward);
        let (state_a, state_b) = pass.state.split_at(A::STATE);
        let (next_state_a, next_state_b) = pass.next_state.split_at_mut(A::STATE.min(pass.next_state.len()));
        let kept_values = |elements: usize| if pass.keep { elements * samples } else { 0 };
        let (kept, saved) = pass.saved.split_at_mut(kept_values(kept::<I, A, B>()));
        let (saved_a, saved_b) = saved.split_at_mut(kept_values(A::SAVED));
        let (outputs, scratch) = pass.scratch.split_at_mut(apart::<I, A, B>() * samples);
        let (y_a, y_b) = outputs.split_at_mut(A::Output::LEN * samples);

        branch::forward(
            a,
            Forward {
                run: pass.run,
                keep: pass.keep,
                samples,
                layouts: Layouts::PLANAR,
                parameters: parameters_a,
                prepared: prepared_a,
                state: state_a,
                next_state: next_state_a,
                x: pass.x,
                y: &mut *y_a,
                saved: saved_a,
                scratch: &mut *scratch,
                shift: &[],
                normed: false,
                epilogue: Activation::Identity,
            },
        );
        branch::forward(
            b,
            Forward {
                run: pass.run.behind(A::DRAWS),
                keep: pass.keep,
                samples,
                layouts: Layouts::PLANAR,
                parameters: parameters_b,
                prepared: prepared_b,
                state: state_b,
                next_state: next_state_b,
                x: pass.x,
                y: &mut *y_b,
                saved: saved_b,
                scratch,
                shift: &[],
                normed: false,
                epilogue: Activation::Identity,
            },
        );
        let parts = y_a.chunks_exact(A::Output::LEN).zip(y_b.chunks_exact(B::Output::LEN));
        for (y, (y_a, y_b)) in pass.y.chunks_exact_mut(apart::<I, A, B>()).zip(parts) {
            y[..A::Output::LEN].copy_from_slice(y_a);
            y[A::Output::LEN..].copy_from_slice(y_b);
        }
        kept.copy_from_slice(&outputs[..kept.len()]);
        pass.epilogue.apply(pass.y);
    }

    fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let Self(a, b) = self;
        let samples = pass.samples;
        let (parameters_a, parameters_b) = pass.parameters.split_at(A::PARAMS);
        let (prepared_a, prepared_b) = pass.prepared.split_at(A::PREPARED.backward);
        let (state_a, state_b) = pass.state.split_at(A::STATE);
        let (gradients_a, gradients_b) = pass.gradients.split_at_mut(A::PARAMS);
        let (kept, saved) = pass.saved.split_at(kept::<I, A, B>() * samples);
        let (saved_a, saved_b) = saved.split_at(A::SAVED * samples);
        let outputs = if kept.is_empty() { pass.activated } else { kept };
        let (activated_a, activated_b) = outputs.split_at(A::Output::LEN * samples);
        let (gradients, scratch) = pass.scratch.split_at_mut(apart::<I, A, B>() * samples);
        let (dy_a, dy_b) = gradients.split_at_mut(A::Output::LEN * samples);
        let parts = dy_a.chunks_exact_mut(A::Output::LEN).zip(dy_b.chunks_exact_mut(B::Output::LEN));
        for (dy, (dy_a, dy_b)) in pass.dy.chunks_exact(apart::<I, A, B>()).zip(parts) {
            dy_a.copy_from_slice(&dy[..A::Output::LEN]);
            dy_b.copy_from_slice(&dy[A::Output::LEN..]);
        }
        let (other, scratch) = scratch.split_at_mut(if pass.dx.is_some() { I::LEN * samples } else { 0 });

        branch::backward(
            a,
            Backward {
                run: pass.run,
                samples,
                parameters: parameters_a,
                prepared: prepared_a,
                state: state_a,
                x: pass.x,
                activated: activated_a,
                saved: saved_a,
                dy: dy_a,
                dx: pass.dx.as_deref_mut(),
                gradients: gradients_a,
                scratch: &mut *scratch,
            },
        );
        branch::backward(
            b,
            Backward {
                run: pass.run.behind(A::DRAWS),
                samples,
                parameters: parameters_b,
                prepared: prepared_b,
                state: state_b,
                x: pass.x,
                activated: activated_b,
                saved: saved_b,
                dy: dy_b,
                dx: pass.dx.is_some().then_some(&mut *other),
                gradients: gradients_b,
                scratch,
            },
        );
        if let Some(dx) = pass.dx {
            dx.iter_mut().zip(other).for_each(|(dx, &mut other)| *dx += other);
        }
    }

    fn outline(&self, outline: &mut Outline) {
        outline.branches(|outline| {
            self.0.outline(outline);
            outline.join();
            self.1.outline(outline);
        });
    }
}
