//! Layers that only give another layer a name: they compute what it computes.

use crate::element::Element;
use crate::layer::Layer;
use crate::outline::Outline;
use crate::plan::Plan;
use crate::shape::Shape;
use crate::watch::Watch;

/// Everything of [`Layer`] but its output, plan and outline, handed on to another layer.
#[doc(hidden)]
#[macro_export]
macro_rules! __hand_on {
    ($inner:ty as $input:ty, |$this:ident| $value:expr) => {
        const PARAMS: ::core::primitive::usize = <$inner as $crate::Layer<$input>>::PARAMS;
        const SAVED: ::core::primitive::usize = <$inner as $crate::Layer<$input>>::SAVED;
        const SCRATCH: $crate::layer::Space = <$inner as $crate::Layer<$input>>::SCRATCH;
        const INFERENCE: $crate::layer::Space = <$inner as $crate::Layer<$input>>::INFERENCE;
        const PREPARED: $crate::layer::Prepared = <$inner as $crate::Layer<$input>>::PREPARED;
        const STATE: ::core::primitive::usize = <$inner as $crate::Layer<$input>>::STATE;
        const COUPLES: ::core::primitive::bool = <$inner as $crate::Layer<$input>>::COUPLES;
        const WHOLE: $crate::layer::Space = <$inner as $crate::Layer<$input>>::WHOLE;
        const DRAWS: ::core::primitive::usize = <$inner as $crate::Layer<$input>>::DRAWS;
        const MACS: ::core::primitive::usize = <$inner as $crate::Layer<$input>>::MACS;
        const GATHERS: ::core::primitive::bool = <$inner as $crate::Layer<$input>>::GATHERS;
        const HEAD: $crate::layer::Head = <$inner as $crate::Layer<$input>>::HEAD;
        const READS_OUTPUT: ::core::primitive::bool = <$inner as $crate::Layer<$input>>::READS_OUTPUT;
        const TAIL: ::core::primitive::bool = <$inner as $crate::Layer<$input>>::TAIL;
        const FOLD: $crate::layer::Fold = <$inner as $crate::Layer<$input>>::FOLD;
        const INTERLEAVES: [::core::primitive::bool; 2] = <$inner as $crate::Layer<$input>>::INTERLEAVES;

        fn head(&self) -> $crate::Activation {
            let $this = self;
            <$inner as $crate::Layer<$input>>::head($value)
        }

        fn prepare<__E: $crate::Element>(&self, __preparation: $crate::layer::Preparation<'_, __E>) {
            let $this = self;
            <$inner as $crate::Layer<$input>>::prepare($value, __preparation);
        }

        fn behind_norm(&self) -> $crate::Activation {
            let $this = self;
            <$inner as $crate::Layer<$input>>::behind_norm($value)
        }

        fn fold<__E: $crate::Element>(&self, __folding: $crate::layer::Folding<'_, __E>) {
            let $this = self;
            <$inner as $crate::Layer<$input>>::fold($value, __folding);
        }

        fn forward<__E: $crate::Element>(&self, __pass: $crate::layer::Forward<'_, __E>) {
            let $this = self;
            <$inner as $crate::Layer<$input>>::forward($value, __pass);
        }

        fn backward<__E: $crate::Element>(&self, __pass: $crate::layer::Backward<'_, __E>) {
            let $this = self;
            <$inner as $crate::Layer<$input>>::backward($value, __pass);
        }
    };
}

/// A stage with a label in place of its number: `fc1: dense(120)`.
///
/// # Shapes
///
/// Those of the layer.
#[derive(Clone, Copy, Debug)]
pub struct Labeled<L> {
    label: &'static str,
    layer: L,
}

impl<L> Labeled<L> {
    /// `layer` under the name `label`.
    #[must_use]
    pub const fn new(label: &'static str, layer: L) -> Self {
        Self { label, layer }
    }
}

impl<I: Shape, L: Layer<I>> Layer<I> for Labeled<L> {
    type Output = L::Output;

    const PLAN: Plan = Plan::Tagged(&L::PLAN);

    crate::__hand_on!(L as I, |this| &this.layer);

    fn watch<E: Element>(&self, watch: &mut Watch<'_, E>) {
        watch.label(self.label);
        self.layer.watch(watch);
    }

    fn outline(&self, outline: &mut Outline) {
        outline.label(self.label);
        self.layer.outline(outline);
    }
}

/// A chain that counts as one stage of the chain around it: its own stages are numbered from 0 below it.
///
/// # Shapes
///
/// Those of the chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chain<L>(pub L);

impl<I: Shape, L: Layer<I>> Layer<I> for Chain<L> {
    type Output = L::Output;

    const PLAN: Plan = Plan::Inner(&L::PLAN);

    crate::__hand_on!(L as I, |this| &this.0);

    fn watch<E: Element>(&self, watch: &mut Watch<'_, E>) {
        watch.group(|watch| self.0.watch(watch));
    }

    fn outline(&self, outline: &mut Outline) {
        outline.group(|outline| self.0.outline(outline));
    }
}
