//! Two branches whose outputs are added, and the residual block.

use crate::activation::Activation;
use crate::branch;
use crate::element::Element;
use crate::layer::{Backward, Folding, Forward, Head, Layer, Layouts, Preparation, Prepared, Space};
use crate::layers::{Chain, Identity};
use crate::outline::Outline;
use crate::plan::{Join, Plan};
use crate::shape::Shape;
use crate::shape::rules::Agrees;
use crate::tile;

/// a(x) + b(x): both branches read the same input, and what they give is added value by value.
///
/// More than two nest to the right: `Sum<A, Sum<B, C>>`.
///
/// # Shapes
///
/// I → O, for branches that both give O. Parameters: those of branch `j` under `j.`.
///
/// PyTorch: `a(x) + b(x)`.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Chain, Identity, Relu, Sum};
///
/// let model = Model::new(net!(Vector<2> => {Sum::new(Chain(Identity), Chain(Relu))}), 0);
/// assert_eq!(model.forward(&Batch::from([[-1.0, 2.0]])).sample(0), [-1.0, 4.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum<A, B>(A, B);

impl<A, B> Sum<A, B> {
    /// The sum of two branches.
    #[must_use]
    pub const fn new(a: A, b: B) -> Self {
        Self(a, b)
    }
}

/// Values of a sample that a branch's output takes in `saved`.
const fn kept<I: Shape, L: Layer<I>>() -> usize {
    if L::READS_OUTPUT { L::Output::LEN } else { 0 }
}

impl<I: Shape, A: Layer<I>, B: Layer<I>> Layer<I> for Sum<A, B>
where
    B::Output: Agrees<A::Output>,
{
    type Output = <B::Output as Agrees<A::Output>>::Both;

    const PARAMS: usize = A::PARAMS + B::PARAMS;
    const SAVED: usize = kept::<I, A>() + A::SAVED + kept::<I, B>() + B::SAVED;
    const SCRATCH: Space = {
        let samples = if Self::GATHERS { usize::MAX } else { 0 };
        tile::space::<I, A>(samples).or(tile::space::<I, B>(samples)).and_per_sample(2 * I::LEN + A::Output::LEN)
    };
    const INFERENCE: Space = {
        let samples = if Self::GATHERS { usize::MAX } else { 0 };
        let first = branch::inference::<I, A>(samples);
        match B::HEAD {
            Head::Whole => first,
            _ => first.or(branch::inference::<I, B>(samples).and_per_sample(A::Output::LEN)),
        }
    };
    const STATE: usize = A::STATE + B::STATE;
    const COUPLES: bool = A::COUPLES || B::COUPLES;
    const WHOLE: Space = tile::whole::<I, A>().or(tile::whole::<I, B>()).and_per_sample(2 * I::LEN + A::Output::LEN);
    const DRAWS: usize = A::DRAWS + B::DRAWS;
    const PREPARED: Prepared = A::PREPARED.and(B::PREPARED);
    const MACS: usize = A::MACS + B::MACS;
    const GATHERS: bool = A::GATHERS || B::GATHERS;
    const TAIL: bool = true;
    const PLAN: Plan = Plan::Branches(Join::Added, &A::PLAN, &B::PLAN);

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
        let (kept_a, saved) = pass.saved.split_at_mut(kept_values(kept::<I, A>()));
        let (saved_a, saved) = saved.split_at_mut(kept_values(A::SAVED));
        let (kept_b, saved_b) = saved.split_at_mut(kept_values(kept::<I, B>()));

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
                y: &mut *pass.y,
                saved: saved_a,
                scratch: &mut *pass.scratch,
                shift: &[],
                normed: false,
                epilogue: Activation::Identity,
            },
        );
        kept_a.copy_from_slice(&pass.y[..kept_a.len()]);
        if B::HEAD == Head::Whole {
            add_activated(b.head(), pass.y, pass.x);
        } else {
            let (other, scratch) = pass.scratch.split_at_mut(A::Output::LEN * samples);
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
                    y: &mut *other,
                    saved: saved_b,
                    scratch,
                    shift: &[],
                    normed: false,
                    epilogue: Activation::Identity,
                },
            );
            kept_b.copy_from_slice(&other[..kept_b.len()]);
            add(pass.y, other);
        }
        pass.epilogue.apply(pass.y);
    }

    fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let Self(a, b) = self;
        let samples = pass.samples;
        let (parameters_a, parameters_b) = pass.parameters.split_at(A::PARAMS);
        let (prepared_a, prepared_b) = pass.prepared.split_at(A::PREPARED.backward);
        let (state_a, state_b) = pass.state.split_at(A::STATE);
        let (gradients_a, gradients_b) = pass.gradients.split_at_mut(A::PARAMS);
        let (kept_a, saved) = pass.saved.split_at(kept::<I, A>() * samples);
        let (saved_a, saved) = saved.split_at(A::SAVED * samples);
        let (kept_b, saved_b) = saved.split_at(kept::<I, B>() * samples);
        // The first branch may overwrite dy, which the second one needs, too.
        let (dy, scratch) = pass.scratch.split_at_mut(A::Output::LEN * samples);
        dy.copy_from_slice(pass.dy);

        branch::backward(
            a,
            Backward {
                run: pass.run,
                samples,
                parameters: parameters_a,
                prepared: prepared_a,
                state: state_a,
                x: pass.x,
                activated: if A::READS_OUTPUT { kept_a } else { pass.activated },
                saved: saved_a,
                dy: pass.dy,
                dx: pass.dx.as_deref_mut(),
                gradients: gradients_a,
                scratch: &mut *scratch,
            },
        );
        if is_identity::<I, B>(b) {
            if let Some(dx) = pass.dx {
                add(dx, dy);
            }
            return;
        }
        let (other, scratch) = scratch.split_at_mut(if pass.dx.is_some() { I::LEN * samples } else { 0 });
        branch::backward(
            b,
            Backward {
                run: pass.run.behind(A::DRAWS),
                samples,
                parameters: parameters_b,
                prepared: prepared_b,
                state: state_b,
                x: pass.x,
                activated: if B::READS_OUTPUT { kept_b } else { pass.activated },
                saved: saved_b,
                dy,
                dx: pass.dx.is_some().then_some(&mut *other),
                gradients: gradients_b,
                scratch,
            },
        );
        if let Some(dx) = pass.dx {
            add(dx, other);
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

/// Whether a branch hands its input on as it is.
fn is_identity<I: Shape, L: Layer<I>>(layer: &L) -> bool {
    L::HEAD == Head::Whole && layer.head() == Activation::Identity
}

/// sum += activation(values)
fn add_activated<E: Element>(activation: Activation, sum: &mut [E], values: &[E]) {
    if activation == Activation::Identity {
        return add(sum, values);
    }
    let mut activated = [E::zero(); 256];
    for (sum, values) in sum.chunks_mut(activated.len()).zip(values.chunks(activated.len())) {
        let activated = &mut activated[..values.len()];
        activated.copy_from_slice(values);
        activation.apply(activated);
        add(sum, activated);
    }
}

/// sum += values
fn add<E: Element>(sum: &mut [E], values: &[E]) {
    sum.iter_mut().zip(values).for_each(|(sum, &value)| *sum += value);
}

/// body(x) + shortcut(x): the block that made deep networks trainable ([He et al., 2015](https://arxiv.org/abs/1512.03385)).
///
/// The shortcut is the input itself unless another is given, such as a 1×1 convolution where the body changes the shape.
///
/// # Shapes
///
/// I → O, for a body and a shortcut that both give O. Parameters: those of the body under their positions, those of the shortcut under `shortcut.`.
///
/// PyTorch: `body(x) + shortcut(x)`; torchvision's `BasicBlock` and `Bottleneck` before their last activation.
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Chain, Identity, Residual};
///
/// fn block() -> impl shapewright::Layer<Image<8, 6, 6>, Output = Image<8, 6, 6>> {
///     use shapewright::dsl::*;
///     Residual::new(Chain(conv!(8, k3, pad1) >> relu >> conv!(8, k3, pad1)), Identity)
/// }
/// let model = Model::new(net!(Image<8, 6, 6> => {block()} >> relu >> flatten >> dense(3)), 0);
/// assert_eq!(model.params().nth(2).unwrap().name, "0.2.weight");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Residual<B, S = Identity>(Sum<B, S>);

impl<B, S> Residual<B, S> {
    /// A body with a shortcut around it.
    #[must_use]
    pub const fn new(body: B, shortcut: S) -> Self {
        Self(Sum(body, shortcut))
    }
}

impl<I: Shape, B, S> Layer<I> for Residual<Chain<B>, S>
where
    B: Layer<I>,
    S: Layer<I>,
    S::Output: Agrees<B::Output>,
{
    type Output = <S::Output as Agrees<B::Output>>::Both;

    const PLAN: Plan = Plan::Branches(Join::Skip, &<Chain<B> as Layer<I>>::PLAN, &S::PLAN);

    crate::__hand_on!(Sum<Chain<B>, S> as I, |this| &this.0);

    fn outline(&self, outline: &mut Outline) {
        let Sum(Chain(body), shortcut) = &self.0;
        outline.group(|outline| {
            body.outline(outline);
            // a bare identity is the input itself; a chain is a shortcut that was written
            if !matches!(S::PLAN, Plan::One(_)) {
                outline.label("shortcut");
                shortcut.outline(outline);
            }
        });
    }
}
